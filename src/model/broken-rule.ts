import { sqlState } from "./errors.ts";

/** A rule of a table, as far as an error of the database names it. */
export interface BrokenRule {
  table: string | undefined;
  constraint: string | undefined;
}

/**
 * The rule that a write broke, from an error of the database: no names in any other error, and no constraint for a value that
 * may not be null. Citus hands on the message of a worker alone, with the number of the part of the table behind each name,
 * and of copied rows as an internal error.
 */
export function brokenRule(error: Error): BrokenRule {
  // Messages of other classes quote what a caller wrote, which may read like one of these.
  const isRule = /^(23|XX000)/.test(sqlState(error) ?? "") && VIOLATION.test(error.message);
  const named = (pattern: RegExp) => (isRule ? nameIn(pattern, error.message) : undefined);
  return {
    table: fieldOf(error, "table_name") ?? named(/(?:relation|table) "([^"]+)"/),
    constraint: fieldOf(error, "constraint_name") ?? named(VIOLATION),
  };
}

const VIOLATION = /violates [a-z -]*constraint "([^"]+)"/;

function nameIn(pattern: RegExp, message: string): string | undefined {
  return pattern.exec(message)?.[1]?.replace(/_[0-9]{6,}$/, "");
}

function fieldOf(error: Error, name: string): string | undefined {
  const value: unknown = Reflect.get(error, name);
  return typeof value === "string" ? value : undefined;
}
