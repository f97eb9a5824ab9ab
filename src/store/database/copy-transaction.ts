import { pipeline } from "node:stream/promises";

import { type SQL, sql } from "drizzle-orm";

import { databaseAway } from "../../model/errors.ts";
import { type Client, type ConnectOptions, openClient } from "./driver.ts";
import type { Executor } from "./executor.ts";
import type { PrimaryHost } from "./primary-host.ts";
import { asRows, send } from "./send.ts";
import { refuseStandby } from "./standby.ts";
import { type Statement, toStatement } from "./statements.ts";

/** One transaction that copies whole tables. */
export interface CopyTransaction extends Executor {
  /** The bytes of a `COPY … TO STDOUT`, read no faster than they are consumed. */
  copyOut(statement: SQL): AsyncIterable<Buffer>;
  /** Feeds the bytes to a `COPY … FROM STDIN`; resolves when PostgreSQL has taken all of them. */
  copyIn(statement: SQL, bytes: AsyncIterable<Buffer>): Promise<void>;
}

const BEGIN = {
  // One snapshot for all tables.
  read: sql`BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY`,
  write: sql`BEGIN`,
};

/** Limits made for the statements of a request. By SET, because a pooler takes none at the beginning of a session. */
const UNLIMITED = [
  // Workers of Citus have the account's own limits, unless they are handed these. Nothing where there is no Citus.
  sql`SET LOCAL citus.propagate_set_commands = 'local'`,
  sql`SET LOCAL statement_timeout = 0`,
  sql`SET LOCAL idle_in_transaction_session_timeout = 0`,
  sql`SET LOCAL lock_timeout = '30s'`,
];

// COPY spells instants as the session's settings have it, and a backup may be restored where they are others.
const ONE_SPELLING = [sql`SET LOCAL TimeZone = 'UTC'`, sql`SET LOCAL DateStyle = 'ISO'`];

/**
 * Runs the work in one transaction on a connection of its own, without a limit to the time of a statement, and resolves to
 * its result. An error that the work throws rolls everything back and is rethrown. Throws SERVICE_UNAVAILABLE where the
 * connection breaks; a commit may then have been carried out.
 */
export async function inCopyTransaction<Result>(
  primary: PrimaryHost,
  options: ConnectOptions,
  kind: "read" | "write",
  work: (transaction: CopyTransaction) => Promise<Result>,
): Promise<Result> {
  const { url } = await primary.find();
  let isBroken = false;
  const client = openClient(url, options, 1, () => {
    isBroken = true;
  });
  const rows = async <Row extends object>(statement: SQL | Statement): Promise<Row[]> => {
    // postgres.js would connect again, and the statement would run outside of the transaction.
    if (isBroken) throw databaseAway();
    return asRows<Row>(await send(client, null, toStatement(statement), (query) => query));
  };
  const transaction: CopyTransaction = {
    rows,
    read: rows,
    copyOut: (statement) => copyOut(client, statement),
    copyIn: (statement, bytes) => copyIn(client, statement, bytes),
  };
  try {
    await refuseStandby(client);
    await rows(BEGIN[kind]);
    for (const setting of [...UNLIMITED, ...ONE_SPELLING]) await rows(setting);
    const result = await work(transaction);
    await rows(sql`COMMIT`);
    return result;
  } finally {
    // Without a COMMIT, the end of the connection rolls back.
    await client.end({ timeout: 0 });
  }
}

async function* copyOut(client: Client, statement: SQL): AsyncGenerator<Buffer> {
  const rows = await client.unsafe(toStatement(statement).text).readable();
  yield* rows;
  // postgres.js pauses its socket while the stream is full, and a stream that has all its bytes asks for no more: where the end
  // of the copy came together with the bytes that filled it, nothing would read what PostgreSQL answers from here on.
  rows._read(0);
}

/** Exported for the test of what is expected of postgres.js. */
export async function copyIn(client: Client, statement: SQL, bytes: AsyncIterable<Buffer>): Promise<void> {
  const query = client.unsafe(toStatement(statement).text);
  const writable = await query.writable();
  // A way into postgres.js. It fails the stream, and forgets the query once the stream is there: of a failure after the last
  // byte, as of a foreign key, it would say nothing, and the stream would never end.
  const failure = new Promise<never>((_, reject) => void Reflect.set(query, "reject", reject));
  await Promise.race([pipeline(bytes, writable), failure]);
}
