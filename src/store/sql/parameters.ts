import { type SQL, sql } from "drizzle-orm";

/** The texts as one array parameter, so that a statement is the same text (and stays prepared) however many there are. */
export function textArray(texts: readonly string[]): SQL {
  return sql`${sql.param(texts)}::text[]`;
}

/** An instant as a parameter: a Date, or milliseconds since 1970. */
export function instant(value: Date | number): SQL {
  return sql`${sql.param(value, INSTANT)}::timestamptz`;
}

const INSTANT = { mapToDriverValue: (value: Date | number) => new Date(value).toISOString() };

/** A value as a json parameter that is stored in just these bytes. */
export function json(value: unknown): SQL {
  return sql`${JSON.stringify(value)}::json`;
}
