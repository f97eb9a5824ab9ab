import type { SQL } from "drizzle-orm";

import { isConnectionLoss } from "../../model/errors.ts";
import type { Executor } from "./executor.ts";
import type { Lease } from "./pool.ts";
import { asRows, send } from "./send.ts";
import { type Statement, toStatement } from "./statements.ts";

/**
 * Runs the work in one transaction on the connection and resolves to its result. An error that the work throws rolls
 * everything back and is rethrown.
 */
export function inTransaction<Result>(
  { client, prepared, touch, retire }: Lease,
  work: (transaction: Executor) => Promise<Result>,
): Promise<Result> {
  const { promise: lost, reject: lose } = Promise.withResolvers<never>();
  let loss: unknown = null;
  let result: Promise<Result>;
  const begun = client.begin(async (transaction) => {
    const run = async <Row extends object>(statement: SQL | Statement): Promise<Row[]> => {
      if (loss !== null) throw loss;
      const found = await send(transaction, prepared, toStatement(statement), (query) => query).catch((error) => {
        if (isConnectionLoss(error)) loss = error;
        throw error;
      });
      touch();
      return asRows<Row>(found);
    };
    result = work({ rows: run, read: run });
    await result.catch(() => {});
    if (loss === null) return result;
    // postgres.js would send COMMIT or ROLLBACK on a lost connection, which ends the process: its promise stays
    // pending.
    retire();
    lose(loss);
    return new Promise<never>(() => {});
  });
  return Promise.race([begun.then(() => result), lost]);
}
