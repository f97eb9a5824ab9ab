import type { SQL } from "drizzle-orm";

import { isConnectionLoss } from "../../model/errors.ts";
import type { Executor } from "./executor.ts";
import type { Lease } from "./pool.ts";
import { asRows, send } from "./send.ts";

/** Runs the work in one transaction on the connection; what it throws rolls everything back and is thrown on. */
export function inTransaction<Result>(
  { client, touch, retire }: Lease,
  prepare: boolean,
  work: (transaction: Executor) => Promise<Result>,
): Promise<Result> {
  const { promise: lost, reject: lose } = Promise.withResolvers<never>();
  let loss: unknown = null;
  let result: Promise<Result>;
  const begun = client.begin(async (transaction) => {
    const run = async <Row extends object>(statement: SQL): Promise<Row[]> => {
      if (loss !== null) throw loss;
      const found = await send(transaction, prepare, statement, (query) => query).catch((error) => {
        if (isConnectionLoss(error)) loss = error;
        throw error;
      });
      touch();
      return asRows<Row>(found);
    };
    result = work({ rows: run, read: run });
    await result.catch(() => {});
    if (loss === null) return result;
    // The driver would send COMMIT or ROLLBACK to a connection that is no more, which ends the process: it is left waiting.
    retire();
    lose(loss);
    return new Promise<never>(() => {});
  });
  return Promise.race([begun.then(() => result), lost]);
}
