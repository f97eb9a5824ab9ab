import { fillPlaceholders, type Placeholder, SQL, sql } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import { LRUCache } from "lru-cache";
import type postgres from "postgres";

const dialect = new PgDialect();

/** A statement as the driver takes it. */
export interface Statement {
  text: string;
  values: postgres.ParameterOrJSON<never>[];
}

/** Puts the statement together. */
export function toStatement(statement: SQL | Statement): Statement {
  if (!(statement instanceof SQL)) return statement;
  const { sql: text, params } = dialect.sqlToQuery(statement);
  return { text, values: toValues(params) };
}

/** Statements of one author, each put together once. */
export type Statements = (shape: string, values: Record<string, unknown>, build: () => SQL) => Statement;

// To put one together takes longer than to send it, and most callers ask for the same again with other values. Filters, page
// sizes and offsets stand in a shape as they were asked for: what is kept is bounded by number and length, for all authors
// together, as callers can ask for any number of them.
const kept = new LRUCache<string, { text: string; params: unknown[] }>({
  max: 1000,
  maxSize: 4_000_000,
  maxEntrySize: 40_000,
  // In characters. Whatever of the parameters is a caller's stands in the shape as well.
  sizeCalculation: ({ text }, shape) => text.length + 2 * shape.length,
});
let authors = 0;

/**
 * Keeps what `build` gives for each shape; `values` take the place of what `late` left open in it. Whoever asks answers for
 * it that one shape is built in one way.
 */
export function createStatements(): Statements {
  authors += 1;
  const author = authors;
  return (shape, values, build) => {
    const key = `${author}${shape}`;
    const { text, params } = kept.get(key) ?? keep(key, build());
    return { text, values: toValues(fillPlaceholders(params, values)) };
  };
}

function keep(key: string, statement: SQL): { text: string; params: unknown[] } {
  const { sql: text, params } = dialect.sqlToQuery(statement);
  kept.set(key, { text, params });
  return { text, params };
}

/** A value that each request gives under this name, for statements that are kept. */
export function placeholder<Value>(name: string): Value {
  const open: Placeholder = sql.placeholder(name);
  // A cast of the store: whoever puts it into a statement does with it as with a value, and nothing else looks at it.
  return open as Value;
}

function toValues(params: unknown[]): Statement["values"] {
  // A cast of the store: Drizzle hands parameters on as it got them, which are the driver's own types.
  return params as Statement["values"];
}
