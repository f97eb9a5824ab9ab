import type { SQL } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import postgres from "postgres";

import { parseJson } from "../json.ts";

export interface ConnectOptions {
  /** The most connections that are open at once. */
  poolSize: number;
  /** PostgreSQL cancels a statement that runs longer; 0 for never. */
  statementTimeoutMs: number;
  /** PostgreSQL gives up a statement that waits longer for a lock; 0 for never. */
  lockTimeoutMs: number;
  /** Whether statements are prepared; off behind a pooler that hands out a connection per transaction. */
  prepare: boolean;
}

/** Where statements go: the pool, or one transaction. */
export interface Executor {
  /** The statement's rows, in its order. One round trip. The caller names the row's shape, which is its SELECT list. */
  rows<Row extends object>(statement: SQL): Promise<Row[]>;
}

export interface Database extends Executor {
  /**
   * The rows of one statement, some at a time and no faster than they are taken: one snapshot, however long it takes,
   * and memory for one portion. Not bound by the statement timeout.
   */
  stream<Row extends object>(statement: SQL, rowsAtATime: number): AsyncIterable<Row[]>;
  /** Runs the work in one transaction; what it throws rolls everything back and is thrown on. */
  transaction<Result>(work: (transaction: Executor) => Promise<Result>): Promise<Result>;
  /**
   * Hears what is notified on the channel, on a connection of its own that is made again whenever it is lost.
   * `onListening` is called each time it listens, also the first: what was notified before that went unheard.
   */
  listen(channel: string, onMessage: (message: string) => void, onListening: () => void): Promise<void>;
  /** Waits for running statements (5 seconds at most), then closes every connection. */
  close(): Promise<void>;
}

const dialect = new PgDialect();
const CONNECT_TIMEOUT_SECONDS = 2;
const DRAIN_SECONDS = 5;

/** A pool of connections to the database behind the URL. Opens none before the first statement. */
export function connect(url: string, options: ConnectOptions): Database {
  const client = postgres(url, {
    max: options.poolSize,
    connect_timeout: CONNECT_TIMEOUT_SECONDS,
    // The default grows to 20 seconds, in which callers wait although the database is back.
    backoff: (retries) => Math.min(0.05 * 2 ** retries, 0.5),
    connection: {
      application_name: "conversation-graph",
      statement_timeout: options.statementTimeoutMs,
      lock_timeout: options.lockTimeoutMs,
      // Instants are read back as text, which has to be in one zone and one format.
      TimeZone: "UTC",
      DateStyle: "ISO",
    },
    types: { instant: INSTANT_TYPE, json: JSON_TYPE },
    onnotice: () => {},
  });
  return {
    rows: executor(client, options.prepare).rows,
    stream: (statement, rowsAtATime) => stream(client, statement, rowsAtATime),
    transaction: (work) => inTransaction(client, options.prepare, work),
    listen: async (channel, onMessage, onListening) => {
      await client.listen(channel, onMessage, onListening);
    },
    close: () => client.end({ timeout: DRAIN_SECONDS }),
  };
}

const INSTANT_TYPE = {
  to: 1184,
  from: [1184],
  serialize: (instant: Date | string) => (typeof instant === "string" ? instant : instant.toISOString()),
  // "2024-05-20 10:00:00.123+00" to the one form that every year from 1 to 9999 parses in.
  parse: (text: string) => new Date(`${text.slice(0, 10)}T${text.slice(11, -3)}Z`),
};

// A json parameter is handed over as the text that is to be stored; what is read keeps the digits of its numbers.
const JSON_TYPE = {
  to: 114,
  from: [114, 3802],
  serialize: (text: string) => text,
  parse: parseJson,
};

function executor(client: postgres.Sql | postgres.TransactionSql, prepare: boolean): Executor {
  return {
    async rows<Row extends object>(statement: SQL): Promise<Row[]> {
      const { sql, params } = compile(statement);
      return asRows<Row>(await client.unsafe(sql, params, { prepare }));
    },
  };
}

async function* stream<Row extends object>(
  client: postgres.Sql,
  statement: SQL,
  rowsAtATime: number,
): AsyncGenerator<Row[]> {
  const connection = await client.reserve();
  try {
    await connection`SET statement_timeout = 0`;
    const { sql, params } = compile(statement);
    for await (const rows of connection.unsafe(sql, params).cursor(rowsAtATime)) yield asRows<Row>(rows);
  } finally {
    await connection`RESET statement_timeout`.catch(() => {});
    connection.release();
  }
}

// The casts of the store. Drizzle hands parameters on as it got them, which are the driver's own types.
function compile(statement: SQL): { sql: string; params: postgres.ParameterOrJSON<never>[] } {
  const { sql, params } = dialect.sqlToQuery(statement);
  return { sql, params: params as postgres.ParameterOrJSON<never>[] };
}

// A driver cannot know the shape of a row; the statement's author does.
function asRows<Row extends object>(rows: Iterable<unknown>): Row[] {
  return [...rows] as Row[];
}

function inTransaction<Result>(
  client: postgres.Sql,
  prepare: boolean,
  work: (transaction: Executor) => Promise<Result>,
): Promise<Result> {
  let result: Promise<Result>;
  return client
    .begin(async (transaction) => {
      result = work(executor(transaction, prepare));
      await result;
    })
    .then(() => result);
}
