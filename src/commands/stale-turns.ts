import type { Logger } from "../log.ts";
import type { Database } from "../store/database/client.ts";
import { endStaleTurns } from "../store/write/end-stale-turns.ts";
import { doRegularly } from "./regularly.ts";

const LOOK_AGAIN_MS = 60_000;

/** Stops turns in progress that were left alone for so many minutes (0: none), every minute: see `doRegularly`. */
export function endStaleTurnsRegularly(
  database: Database,
  minutes: number,
  log: Logger,
  everyMs = LOOK_AGAIN_MS,
): () => Promise<void> {
  if (minutes === 0) return async () => {};
  const run = (signal: AbortSignal) => endStaleTurns(database, minutes, signal);
  return doRegularly({ run, failure: "turns were not stopped", everyMs }, log);
}
