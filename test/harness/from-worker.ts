import postgres from "postgres";

import type { Database } from "../../src/store/database/client.ts";
import type { Executor } from "../../src/store/database/executor.ts";

/**
 * An error of PostgreSQL as Citus hands it on from a worker: without fields but SQLSTATE, message and detail, in which tables,
 * indexes and foreign keys have the number of a shard. Any other error as it is.
 */
export function fromWorker(error: Error): Error {
  if (!(error instanceof postgres.PostgresError)) return error;
  const { code, severity, detail } = error;
  // Of the class that it had, by which postgres.js finds the error that made a transaction's others fail.
  const handedOn: Error = Object.create(postgres.PostgresError.prototype);
  const message = ofShard(error.message);
  return Object.assign(handedOn, { message, code, severity, detail: detail && ofShard(detail) });
}

function ofShard(text: string): string {
  return text.replaceAll(/\b(relation|table|unique constraint|foreign key constraint) "([^"]+)"/g, '$1 "$2_102014"');
}

/** The database, with errors as a worker's. */
export function withErrorsOfWorkers(database: Database): Database {
  return {
    ...database,
    ...handingOn(database),
    transaction: (work, requester) =>
      database.transaction((transaction) => work(handingOn(transaction)), requester).catch(rethrow),
  };
}

function handingOn(executor: Executor): Executor {
  return {
    read: (statement) => executor.read<never>(statement).catch(rethrow),
    rows: (statement) => executor.rows<never>(statement).catch(rethrow),
  };
}

function rethrow(error: unknown): never {
  throw error instanceof Error ? fromWorker(error) : error;
}
