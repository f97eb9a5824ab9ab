import { UsageError } from "./command.ts";

const DEFAULT_PROJECT = "default";

/**
 * The project that `--project` names, `default` when it is omitted. Throws UsageError for a text that cannot be a name.
 */
export function readProjectId(value: string | undefined): string {
  const projectId = value ?? DEFAULT_PROJECT;
  // A CHECK constraint in the database holds the same rule.
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(projectId)) return projectId;
  throw new UsageError(
    "--project must be 1 to 64 letters, digits, dots, underscores or hyphens, beginning with a letter or a digit",
  );
}
