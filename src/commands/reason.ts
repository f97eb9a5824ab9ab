import { getSystemErrorMessage } from "node:util";

/** What went wrong, in one line for people: the error's message, or its code where Node leaves the message empty. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || codeOf(error) || error.name;
}

/** The same for an error of a file, without the path: Node's message names that of the moment, which may be another. */
export function fileReasonOf(error: unknown): string {
  const errno = error instanceof Error && "errno" in error && typeof error.errno === "number" ? error.errno : null;
  return errno === null ? reasonOf(error) : getSystemErrorMessage(errno);
}

/** Node's or PostgreSQL's code of the error, such as EADDRINUSE; undefined when it has none. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
