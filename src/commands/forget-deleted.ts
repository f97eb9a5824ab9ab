import { setTimeout as delay } from "node:timers/promises";

import type { Logger } from "../log.ts";
import type { Database } from "../store/database/client.ts";
import { forgetDeletedTurns } from "../store/write/delete-turn.ts";

const LOOK_AGAIN_MS = 600_000;

/**
 * Removes what is kept of deleted turns once it is a day old, now and then every ten minutes. A round that fails is logged,
 * and the next one tries again. The returned function ends this, and waits for the statement under way.
 */
export function forgetDeletedRegularly(database: Database, log: Logger): () => Promise<void> {
  const stop = new AbortController();
  const work = repeat();
  return () => {
    stop.abort();
    return work;
  };

  async function repeat(): Promise<void> {
    while (!stop.signal.aborted) {
      await forgetDeletedTurns(database).catch((err) => log.warn({ err }, "deleted turns were not forgotten"));
      await delay(LOOK_AGAIN_MS, undefined, { signal: stop.signal, ref: false }).catch(() => {});
    }
  }
}
