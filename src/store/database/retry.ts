import { setTimeout as delay } from "node:timers/promises";

import { isConnectionLoss, sqlState } from "../../model/errors.ts";

// The database rolled the statement back because of what others did at the same moment: it may succeed now.
const ROLLED_BACK = new Set(["40001", "40P01"]);

// Once is not enough: what broke one connection often broke all of them, and the new ones may be broken as well. With every
// backend terminated 10 times a second, a quarter of the reads that were sent again once failed; on a machine so busy that a
// new connection takes as long as it lives, some in a hundred that were sent again four times.
const LOSSES_BORNE = 8;
// So that the driver has noticed which of the other connections are broken, before one of them is lent.
const NOTICE_MS = 10;

/**
 * Runs the work, and again where that is safe: once after the database rolled it back for the sake of another, and, for
 * what only reads, a few times after its connection broke. A write is not sent again after that: it may have been
 * committed.
 */
export async function withRetry<Result>(kind: "read" | "write", work: () => Promise<Result>): Promise<Result> {
  let losses = 0;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (ROLLED_BACK.has(sqlState(error) ?? "")) return work();
      if (kind !== "read" || !isConnectionLoss(error) || losses === LOSSES_BORNE) throw error;
      losses += 1;
      await delay(NOTICE_MS);
    }
  }
}
