import type { Logger } from "../log.ts";
import type { Database } from "../store/database/client.ts";
import { forgetDeletedTurns } from "../store/write/delete-turn.ts";
import { forgetDeleted } from "../store/write/forget-deleted.ts";
import { doRegularly } from "./regularly.ts";

const LOOK_AGAIN_MS = 600_000;

/** Removes what is kept of deleted turns and conversations once it is a day old, every ten minutes: see `doRegularly`. */
export function forgetDeletedRegularly(database: Database, log: Logger): () => Promise<void> {
  const run = async (signal: AbortSignal) => {
    await forgetDeletedTurns(database);
    await forgetDeleted(database, signal);
  };
  return doRegularly(
    { run, failure: "what is kept of deleted objects was not forgotten", everyMs: LOOK_AGAIN_MS },
    log,
  );
}
