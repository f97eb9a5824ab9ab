import { ApiError, sqlState } from "../../model/errors.ts";

/** The CONFLICT of an id that a caller chose. */
export function idTaken(argument: string): ApiError {
  return new ApiError("CONFLICT", "This id names an object of the project already.", argument);
}

/**
 * The id that another object has already, from an error of the database; null for any other error. PostgreSQL names the key
 * only in the detail, in the language of its messages: "Key (project_id, id)=(default, t1) already exists."
 */
export function takenId(error: unknown): string | null {
  if (sqlState(error) !== "23505" || !(error instanceof Error) || !("detail" in error)) return null;
  return /\(project_id, id\)=\([^,]*, (.*)\)/.exec(String(error.detail))?.[1] ?? null;
}
