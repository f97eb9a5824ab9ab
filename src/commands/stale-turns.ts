import { setTimeout as delay } from "node:timers/promises";

import type { Logger } from "../log.ts";
import type { Database } from "../store/database/client.ts";
import { endStaleTurns } from "../store/write/end-stale-turns.ts";

const LOOK_AGAIN_MS = 60_000;

/**
 * Stops turns in progress that were left alone for so many minutes (0: none), now and then every minute. A round that
 * fails is logged, and the next one tries again. The returned function ends this, and waits for the transaction under way.
 */
export function endStaleTurnsRegularly(
  database: Database,
  minutes: number,
  log: Logger,
  lookAgainMs = LOOK_AGAIN_MS,
): () => Promise<void> {
  const stop = new AbortController();
  const work = minutes === 0 ? Promise.resolve() : repeat();
  return () => {
    stop.abort();
    return work;
  };

  async function repeat(): Promise<void> {
    while (!stop.signal.aborted) {
      await endStaleTurns(database, minutes, stop.signal).catch((err) => log.warn({ err }, "turns were not stopped"));
      await delay(lookAgainMs, undefined, { signal: stop.signal, ref: false }).catch(() => {});
    }
  }
}
