import { getSystemErrorMessage } from "node:util";

/** The error in one line for people: its message, or its code where Node leaves the message empty. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || codeOf(error) || error.name;
}

/** As `reasonOf`, for an error of a file, without the path: Node's message names a path that may be a temporary one. */
export function fileReasonOf(error: unknown): string {
  const errno = error instanceof Error && "errno" in error && typeof error.errno === "number" ? error.errno : null;
  return errno === null ? reasonOf(error) : getSystemErrorMessage(errno);
}

/** The code of Node or PostgreSQL in the error, such as EADDRINUSE; undefined when it has none. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
