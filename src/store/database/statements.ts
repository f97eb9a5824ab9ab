import { channel } from "node:diagnostics_channel";

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

/** Publishes the text of each statement when its author asks for it, before it is sent. */
const STATEMENTS = channel("conversation-graph:statement");

/**
 * Compiles the statement into text and values; a statement that is compiled already comes back as it is. Every statement passes
 * here, in the call of the function that asks for it.
 */
export function toStatement(statement: SQL | Statement): Statement {
  const compiled = statement instanceof SQL ? compile(statement) : statement;
  if (STATEMENTS.hasSubscribers) STATEMENTS.publish(compiled.text);
  return compiled;
}

function compile(statement: SQL): Statement {
  const { sql: text, params } = dialect.sqlToQuery(statement);
  return { text, values: toValues(params) };
}

/** Statements of one author, each compiled once. */
export type Statements = (shape: string, values: Record<string, unknown>, build: () => SQL) => Statement;

const MAX_BYTES = 8_388_608;
const LONGEST_BYTES = 65_536;
// What an entry takes beside its characters: the cache's own, and a parameter of the request.
const BYTES_OF_ENTRY = 500;
const BYTES_OF_PARAMETER = 100;

/**
 * A cache of statements, which gives each author its own. Compiling a statement takes longer than sending it, and most
 * callers repeat one with other values. The cache is bounded in bytes, for all authors together: filters, page sizes and
 * offsets are part of the shape as requested, so callers can produce any number of shapes.
 */
export function createStatementCache(): () => Statements {
  const kept = new LRUCache<string, { text: string; params: unknown[] }>({
    maxSize: MAX_BYTES,
    maxEntrySize: LONGEST_BYTES,
    sizeCalculation: sizeOf,
  });
  let authors = 0;
  const keep = (key: string, statement: SQL) => {
    const { sql: text, params } = dialect.sqlToQuery(statement);
    kept.set(key, { text, params });
    return { text, params };
  };
  return () => {
    authors += 1;
    const author = authors;
    // `values` take the place of what `placeholder` left open. An author builds one shape in one way.
    return (shape, values, build) => {
      const key = `${author}${shape}`;
      const { text, params } = kept.get(key) ?? keep(key, build());
      return { text, values: toValues(fillPlaceholders(params, values)) };
    };
  };
}

/** Two bytes a character, which V8 needs at most. What of the parameters is a caller's stands in the shape as well. */
function sizeOf({ text, params }: { text: string; params: unknown[] }, shape: string): number {
  return BYTES_OF_ENTRY + BYTES_OF_PARAMETER * params.length + 2 * (text.length + 2 * shape.length);
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
