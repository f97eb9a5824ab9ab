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

/**
 * The name of the rule that the error of the database is about; null for none. Where tables are distributed, the name comes in
 * the message alone, with the number of the part of the table behind it.
 */
export function brokenRule(error: Error): string | null {
  const name =
    "constraint_name" in error ? String(error.constraint_name) : /constraint "([^"]*)"/.exec(error.message)?.[1];
  return name?.replace(/_[0-9]{6,}$/, "") ?? null;
}
