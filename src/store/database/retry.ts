import { setTimeout as delay } from "node:timers/promises";

import { isConnectionLoss, READ_ONLY, sqlState } from "../../model/errors.ts";

// The database did nothing of the work, and may do it now: another transaction was in its way, or it reached a standby.
const NOT_DONE = new Set(["40001", "40P01", READ_ONLY]);

// One retry is too few: what broke one connection often broke all, and the new ones may break as well. With every
// backend terminated 10 times a second, a quarter of the reads that were retried once failed; on a machine so busy that
// a new connection takes as long as it lives, some in a hundred that were retried four times.
const LOSSES_BORNE = 8;
// Gives postgres.js time to notice which other connections are broken, before one of them is lent.
const NOTICE_MS = 10;

/**
 * Runs the work and resolves to its result. Runs it again where that is safe: once after the database rolled it back in
 * favour of another transaction or took no writes, and, for a read, up to eight times after a lost connection. A write
 * is not repeated after a loss, because it may have been committed. Any other error is rethrown.
 */
export async function withRetry<Result>(kind: "read" | "write", work: () => Promise<Result>): Promise<Result> {
  let losses = 0;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (NOT_DONE.has(sqlState(error) ?? "")) return work();
      if (kind !== "read" || !isConnectionLoss(error) || losses === LOSSES_BORNE) throw error;
      losses += 1;
      await delay(NOTICE_MS);
    }
  }
}
