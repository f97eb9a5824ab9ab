import { isProjectId } from "../model/rules.ts";
import { UsageError } from "./command.ts";

const DEFAULT_PROJECT = "default";

/**
 * The project that `--project` names, `default` when it is omitted. Throws UsageError for a text that cannot be a name.
 */
export function readProjectId(value: string | undefined): string {
  const projectId = value ?? DEFAULT_PROJECT;
  if (isProjectId(projectId)) return projectId;
  throw new UsageError(
    "--project must be 1 to 64 letters, digits, dots, underscores or hyphens, beginning with a letter or a digit",
  );
}
