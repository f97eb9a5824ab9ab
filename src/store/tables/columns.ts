import { type SQL, sql } from "drizzle-orm";
import { customType } from "drizzle-orm/pg-core";

/** Compares by bytes, whatever the database's collation: the order of ties must be the same on every machine. */
export const identifier = customType<{ data: string }>({ dataType: () => 'text COLLATE "C"' });
/** Every surface shows milliseconds. Finer digits would make a cursor point between two rows. */
export const instant = customType<{ data: Date }>({ dataType: () => "timestamp (3) with time zone" });
/** `json`, not `jsonb`: the text stays as it was written, key order and digits included. */
export const jsonText = customType<{ data: unknown }>({ dataType: () => "json" });
/** The words of a text, as full-text search keeps them. */
export const tsvector = customType<{ data: string }>({ dataType: () => "tsvector" });

/**
 * The CHECK of an id: 1 to 128 printable ASCII characters, without the prefix of the other kind. The length stands apart:
 * PostgreSQL takes twenty times as long for a bounded repetition.
 */
export function idRule(column: SQL.Aliased | unknown, reservedPrefix: string): SQL {
  return sql`octet_length(${column}) BETWEEN 1 AND 128 AND ${column} ~ '^[ -~]+$' AND NOT starts_with(${column}, ${sql.raw(`'${reservedPrefix}'`)})`;
}

/** The CHECK of an instant: the years 1 to 9999, which every surface can show; not infinity. */
export function instantRule(column: unknown): SQL {
  return sql`${column} BETWEEN '0001-01-01T00:00:00Z' AND '9999-12-31T23:59:59.999Z'`;
}

/** The values as literals of a constraint, which takes no parameters. */
export function literals(values: readonly string[]): SQL {
  return sql.raw(values.map((value) => `'${value}'`).join(", "));
}
