import { fillPlaceholders, type Placeholder, SQL, sql } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import { LRUCache } from "lru-cache";
import type postgres from "postgres";

const dialect = new PgDialect();

/** A statement in the form that postgres.js takes. */
export interface Statement {
  text: string;
  values: postgres.ParameterOrJSON<never>[];
}

/** Compiles the statement into text and values; a statement that is compiled already comes back as it is. */
export function toStatement(statement: SQL | Statement): Statement {
  if (!(statement instanceof SQL)) return statement;
  const { sql: text, params } = dialect.sqlToQuery(statement);
  return { text, values: toValues(params) };
}

/** Statements of one author, each compiled once. */
export type Statements = (shape: string, values: Record<string, unknown>, build: () => SQL) => Statement;

// Compiling takes longer than sending, and most callers repeat a statement with other values. Filters, page sizes and
// offsets are part of the shape as requested, so callers can produce any number of shapes: the cache is bounded in
// number and length, for all authors together.
const kept = new LRUCache<string, { text: string; params: unknown[] }>({
  max: 1000,
  maxSize: 4_000_000,
  maxEntrySize: 40_000,
  // In characters. Every parameter that a caller controls stands in the shape as well.
  sizeCalculation: ({ text }, shape) => text.length + 2 * shape.length,
});
let authors = 0;

/**
 * A cache of what `build` returns for each shape; `values` fill its placeholders. The author must build one shape in
 * one way only.
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

/** A placeholder under this name for a value that each request supplies; for cached statements. */
export function placeholder<Value>(name: string): Value {
  const open: Placeholder = sql.placeholder(name);
  // Safe cast: a statement treats the placeholder like a value, and nothing else looks at it.
  return open as Value;
}

function toValues(params: unknown[]): Statement["values"] {
  // Safe cast: Drizzle passes parameters on unchanged, and they are postgres.js' own types.
  return params as Statement["values"];
}
