import type { SQL } from "drizzle-orm";

import { databaseAway } from "../../model/errors.ts";
import { cancelWhenAborted } from "./cancel.ts";
import { type ConnectOptions, openClient } from "./driver.ts";
import type { ByteReader, ByteRow, Executor } from "./executor.ts";
import { createPool, type Lease } from "./pool.ts";
import { withRetry } from "./retry.ts";
import type { SlotLoad } from "./semaphore.ts";
import { asRows, type Query, send, withoutHoles } from "./send.ts";
import { type Statement, toStatement } from "./statements.ts";
import { inTransaction } from "./transaction.ts";

export interface Database extends Executor, ByteReader {
  /**
   * As in Executor. With an aborted signal nobody waits for the statement any more: it is not sent, and one that runs is
   * cancelled. Not so without prepared statements: behind a pooler nobody knows which session a cancellation would hit.
   */
  read<Row extends object>(statement: SQL, signal?: AbortSignal): Promise<Row[]>;
  readBytes(statement: SQL | Statement, signal?: AbortSignal): Promise<ByteRow[]>;
  rows<Row extends object>(statement: SQL, signal?: AbortSignal): Promise<Row[]>;
  /**
   * The rows of one statement, some at a time and no faster than they are taken: one snapshot, however long it takes,
   * and memory for one portion. Not bound by the statement timeout; on a connection of its own. Throws where that
   * breaks: what came is not all.
   */
  stream<Row extends object>(statement: SQL, rowsAtATime: number): AsyncIterable<Row[]>;
  /** Runs the work in one transaction; what it throws rolls everything back and is thrown on. */
  transaction<Result>(work: (transaction: Executor) => Promise<Result>): Promise<Result>;
  /**
   * Hears what is notified on the channel, on a connection of its own that is made again whenever it is lost.
   * `onListening` is called each time it listens, also the first: what was notified before that went unheard.
   */
  listen(channel: string, onMessage: (message: string) => void, onListening: () => void): Promise<void>;
  /** How busy the pool is now. */
  load(): SlotLoad;
  /** Waits for running statements (5 seconds at most), then closes every connection. */
  close(): Promise<void>;
}

/** The database behind the URL. Opens no connection before the first statement. */
export function connect(url: string, options: ConnectOptions): Database {
  const pool = createPool(url, options);
  // Apart from the pool, whose connections may all be given up at once.
  const listener = openClient(options.listenUrl ?? url, options, 1);
  const { prepare } = options;
  const run =
    (kind: "read" | "write") =>
    <Row extends object>(statement: SQL, signal?: AbortSignal) =>
      withRetry(kind, () => pool.use((lease) => leasedRows<Row>(lease, prepare, statement, signal), signal));
  return {
    read: run("read"),
    readBytes: (statement, signal) =>
      withRetry("read", () => pool.use((lease) => leasedByteRows(lease, prepare, statement, signal), signal)),
    rows: run("write"),
    stream: (statement, rowsAtATime) => stream(url, { ...options, statementTimeoutMs: 0 }, statement, rowsAtATime),
    transaction: (work) => withRetry("write", () => pool.use((lease) => inTransaction(lease, prepare, work))),
    listen: async (channel, onMessage, onListening) => {
      await listener.listen(channel, onMessage, onListening);
    },
    load: pool.load,
    close: async () => {
      await Promise.all([pool.end(), listener.end({ timeout: 0 })]);
    },
  };
}

async function leasedRows<Row extends object>(
  lease: Lease,
  prepare: boolean,
  statement: SQL,
  signal: AbortSignal | undefined,
): Promise<Row[]> {
  return asRows<Row>(await send(lease.client, prepare, statement, (query) => untilLeft(query, lease, prepare, signal)));
}

async function leasedByteRows(
  lease: Lease,
  prepare: boolean,
  statement: SQL | Statement,
  signal: AbortSignal | undefined,
): Promise<ByteRow[]> {
  const wait = (query: Query) => untilLeft(query.raw(), lease, prepare, signal);
  return withoutHoles(await send(lease.client, prepare, statement, wait));
}

function untilLeft<Result>(
  query: Promise<Result>,
  lease: Lease,
  prepare: boolean,
  signal: AbortSignal | undefined,
): Promise<Result> {
  return prepare && signal !== undefined ? cancelWhenAborted(query, lease, signal) : query;
}

async function* stream<Row extends object>(
  url: string,
  options: ConnectOptions,
  statement: SQL,
  rowsAtATime: number,
): AsyncGenerator<Row[]> {
  let isBroken = false;
  const client = openClient(url, options, 1, () => {
    isBroken = true;
  });
  try {
    const { text, values } = toStatement(statement);
    for await (const rows of client.unsafe(text, values).cursor(rowsAtATime)) yield asRows<Row>(rows);
    // For this driver the rows are at their end where the connection broke while some were worked on.
    if (isBroken) throw databaseAway();
  } finally {
    await client.end({ timeout: 0 });
  }
}

/** The database for one request: its statements end when the signal says that nobody waits for the answer. */
export function untilAborted(database: Database, signal: AbortSignal): Database {
  return {
    ...database,
    read: (statement) => database.read(statement, signal),
    readBytes: (statement) => database.readBytes(statement, signal),
    rows: (statement) => database.rows(statement, signal),
  };
}

/** The database for who has asked it already: every read fails with what it answered. */
export function failingDatabase(database: Database, failure: unknown): Database {
  const fail = () => Promise.reject(failure);
  return { ...database, read: fail, readBytes: fail, rows: fail };
}
