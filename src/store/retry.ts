import { setTimeout as delay } from "node:timers/promises";

import { isConnectionLoss, sqlState } from "../errors.ts";

// The database rolled the statement back because of what others did at the same moment: it may succeed now.
const ROLLED_BACK = new Set(["40001", "40P01"]);

// What broke one connection often broke all of them, and the new ones may be broken as well.
const LOSSES_BORNE = 4;
// So that the driver has noticed which connections are broken before it is asked for another.
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
