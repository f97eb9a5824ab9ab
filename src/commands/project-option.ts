import { DEFAULT_PROJECT, isProjectId } from "../model/rules.ts";
import { UsageError } from "./command.ts";

/**
 * The project that `--project` names, `default` when it is omitted. Throws UsageError for a text that cannot be a name.
 */
export function readProjectId(value: string | undefined): string {
  return checkProjectId(value ?? DEFAULT_PROJECT, "--project");
}

/** The project's name itself. Throws UsageError, which names the argument, for a text that cannot be one. */
export function checkProjectId(projectId: string, argument: string): string {
  if (isProjectId(projectId)) return projectId;
  throw new UsageError(
    `${argument} must be 1 to 64 letters, digits, dots, underscores or hyphens, beginning with a letter or a digit`,
  );
}
