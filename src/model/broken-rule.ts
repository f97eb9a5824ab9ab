import { sqlState } from "./errors.ts";

/** A rule of a table, as far as an error of the database names it. */
export interface BrokenRule {
  table: string | undefined;
  constraint: string | undefined;
}

/**
 * The rule that a write broke, from an error of the database: no names in any other error, and no constraint for a value that
 * may not be null. Citus puts the number of a part of the table behind names, and hands on the message of a worker alone, of
 * copied rows as an internal error.
 */
export function brokenRule(error: Error): BrokenRule {
  // Messages of other classes quote what a caller wrote, which may read like one of these.
  const isRule = /^(23|XX000)/.test(sqlState(error) ?? "") && VIOLATION.test(error.message);
  const said = (pattern: RegExp) => (isRule ? pattern.exec(error.message)?.[1] : undefined);
  return {
    table: withoutNumber(fieldOf(error, "table_name") ?? said(/(?:relation|table) "([^"]+)"/)),
    constraint: withoutNumber(fieldOf(error, "constraint_name") ?? said(VIOLATION)),
  };
}

const VIOLATION = /violates [a-z -]*constraint "([^"]+)"/;

function withoutNumber(name: string | undefined): string | undefined {
  return name?.replace(/_[0-9]{6,}$/, "");
}

function fieldOf(error: Error, name: string): string | undefined {
  const value: unknown = Reflect.get(error, name);
  return typeof value === "string" ? value : undefined;
}
