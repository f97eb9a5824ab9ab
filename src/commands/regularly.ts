import { setTimeout as delay } from "node:timers/promises";

import type { Logger } from "../log.ts";

/** Work of the server that is not a caller's. */
export interface RegularWork {
  /** Ends early once the signal is aborted. */
  run(signal: AbortSignal): Promise<unknown>;
  /** What the log says where a round failed. */
  failure: string;
  everyMs: number;
}

/**
 * Does the work now and then again and again. A round that fails is logged, and the next one tries again. The returned function
 * ends this, and waits for the round under way.
 */
export function doRegularly({ run, failure, everyMs }: RegularWork, log: Logger): () => Promise<void> {
  const stop = new AbortController();
  const work = repeat();
  return () => {
    stop.abort();
    return work;
  };

  async function repeat(): Promise<void> {
    while (!stop.signal.aborted) {
      await run(stop.signal).catch((err) => log.warn({ err }, failure));
      await delay(everyMs, undefined, { signal: stop.signal, ref: false }).catch(() => {});
    }
  }
}
