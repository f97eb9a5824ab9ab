import type { SQL } from "drizzle-orm";

import { databaseAway } from "../../model/errors.ts";
import { createBatches, type WriteInBatch } from "./batches.ts";
import { cancelWhenAborted } from "./cancel.ts";
import { type CopyTransaction, inCopyTransaction } from "./copy-transaction.ts";
import { parseDatabaseUrl } from "./database-url.ts";
import { type ConnectOptions, openClient } from "./driver.ts";
import type { ByteReader, ByteRow, Executor } from "./executor.ts";
import { createListener, type Listener } from "./listener.ts";
import { createPool, type Lease } from "./pool.ts";
import { createPrimaryHost, type PrimaryHost } from "./primary-host.ts";
import type { Requester } from "./requester.ts";
import { withRetry } from "./retry.ts";
import type { SemaphoreLoad } from "./semaphore.ts";
import { asRows, type Query, send, withoutHoles } from "./send.ts";
import { refuseStandby } from "./standby.ts";
import { type Statement, toStatement } from "./statements.ts";
import { inTransaction } from "./transaction.ts";

export interface Database extends Executor, ByteReader {
  /** Whether Citus keeps the tables on several machines: some writes are sent in another form then. */
  readonly isDistributed: boolean;
  /**
   * As in Executor, for a request; without one, for the server itself. Once the request has been abandoned, its
   * statements are not sent, and a running one is cancelled. Without prepared statements nothing is cancelled: behind a
   * pooler the session that a cancellation would hit is unknown.
   */
  read<Row extends object>(statement: SQL, requester?: Requester): Promise<Row[]>;
  readBytes(statement: SQL | Statement, requester?: Requester): Promise<ByteRow[]>;
  rows<Row extends object>(statement: SQL | Statement, requester?: Requester): Promise<Row[]>;
  /** As `rows`, for a write that one statement does for several requests. */
  writeInBatch: WriteInBatch;
  /**
   * The rows of one statement in portions of up to `rowsAtATime`, read no faster than they are consumed: one snapshot,
   * however long it takes, and memory for one portion. Uses a connection of its own, without a statement timeout.
   * Throws SERVICE_UNAVAILABLE when the connection breaks: the rows so far are not all.
   */
  stream<Row extends object>(statement: SQL, rowsAtATime: number): AsyncIterable<Row[]>;
  /**
   * Runs the work in one transaction and resolves to its result. An error that the work throws rolls everything back
   * and is rethrown. The transaction of an abandoned request does not begin; one that runs goes on.
   */
  transaction<Result>(work: (transaction: Executor) => Promise<Result>, requester?: Requester): Promise<Result>;
  /** As `transaction`, for work that copies whole tables: see `inCopyTransaction`. Nothing is repeated. */
  copyTransaction<Result>(
    kind: "read" | "write",
    work: (transaction: CopyTransaction) => Promise<Result>,
  ): Promise<Result>;
  /**
   * Receives the channel's notifications on a connection of its own, which is replaced whenever it is lost. Calls
   * `onListening` each time it starts to listen, the first time included: notifications before that are lost.
   */
  listen: Listener["listen"];
  /** How busy the pool is now. */
  load(): SemaphoreLoad;
  /** Waits for running statements (5 seconds at most), then closes every connection. */
  close(): Promise<void>;
}

/** The database behind the URL, which may name several hosts. Opens no connection before the first statement. */
export function connect(url: string, options: ConnectOptions): Database {
  const primary = primaryOf(url);
  const pool = createPool(primary, options);
  // Separate from the pool, whose connections may all be dropped at once.
  const listener = createListener(options.listenUrl === undefined ? primary : primaryOf(options.listenUrl), options);
  const run =
    (kind: "read" | "write") =>
    <Row extends object>(given: SQL | Statement, requester?: Requester) => {
      const statement = toStatement(given);
      return withRetry(kind, () =>
        pool.use((lease) => leasedRows<Row>(lease, statement, requester?.signal), requester),
      );
    };
  return {
    isDistributed: options.distributed ?? false,
    read: run("read"),
    readBytes: (given, requester) => {
      const statement = toStatement(given);
      return withRetry("read", () =>
        pool.use((lease) => leasedByteRows(lease, statement, requester?.signal), requester),
      );
    },
    rows: run("write"),
    writeInBatch: createBatches((requester) => ({ rows: (statement) => run("write")(statement, requester) })),
    stream: (statement, rowsAtATime) =>
      stream(primary, { ...options, statementTimeoutMs: 0 }, toStatement(statement), rowsAtATime),
    transaction: (work, requester) =>
      withRetry("write", () => pool.use((lease) => inTransaction(lease, work), requester)),
    copyTransaction: (kind, work) => inCopyTransaction(primary, options, kind, work),
    listen: listener.listen,
    load: pool.load,
    close: async () => {
      await Promise.all([pool.end(), listener.close()]);
    },
  };
}

function primaryOf(url: string): PrimaryHost {
  return createPrimaryHost(parseDatabaseUrl(url)?.urls ?? [url]);
}

async function leasedRows<Row extends object>(
  lease: Lease,
  statement: Statement,
  signal: AbortSignal | undefined,
): Promise<Row[]> {
  return asRows<Row>(await send(lease.client, lease.prepared, statement, (query) => untilLeft(query, lease, signal)));
}

async function leasedByteRows(lease: Lease, statement: Statement, signal: AbortSignal | undefined): Promise<ByteRow[]> {
  const wait = (query: Query) => untilLeft(query.raw(), lease, signal);
  return withoutHoles(await send(lease.client, lease.prepared, statement, wait));
}

function untilLeft<Result>(query: Promise<Result>, lease: Lease, signal: AbortSignal | undefined): Promise<Result> {
  return lease.prepared !== null && signal !== undefined ? cancelWhenAborted(query, lease, signal) : query;
}

async function* stream<Row extends object>(
  primary: PrimaryHost,
  options: ConnectOptions,
  { text, values }: Statement,
  rowsAtATime: number,
): AsyncGenerator<Row[]> {
  const { url } = await primary.find();
  let isBroken = false;
  const client = openClient(url, options, 1, () => {
    isBroken = true;
  });
  try {
    await refuseStandby(client);
    for await (const rows of client.unsafe(text, values).cursor(rowsAtATime)) yield asRows<Row>(rows);
    // postgres.js reports the end of the rows when the connection breaks while a portion is processed.
    if (isBroken) throw databaseAway();
  } finally {
    await client.end({ timeout: 0 });
  }
}

/**
 * The database for one request: its statements count towards the caller's share, and end once the request is abandoned.
 */
export function forRequest(database: Database, requester: Requester): Database {
  return {
    ...database,
    read: (statement) => database.read(statement, requester),
    readBytes: (statement) => database.readBytes(statement, requester),
    rows: (statement) => database.rows(statement, requester),
    writeInBatch: (name, item, write) => database.writeInBatch(name, item, write, requester),
    transaction: (work) => database.transaction(work, requester),
  };
}

/** The database for a request that already has its answer, a failure: `read`, `readBytes` and `rows` reject with it. */
export function databaseFailingWith(database: Database, failure: unknown): Database {
  const fail = () => Promise.reject(failure);
  return { ...database, read: fail, readBytes: fail, rows: fail };
}
