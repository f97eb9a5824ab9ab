import type { Logger } from "../log.ts";
import type { Database } from "../store/database/client.ts";
import { deleteIdle } from "../store/write/delete-idle.ts";
import { doRegularly } from "./regularly.ts";

const LOOK_AGAIN_MS = 600_000;

/** Deletes conversations without a write for so many days (0: none), every ten minutes: see `doRegularly`. */
export function deleteIdleRegularly(database: Database, days: number, log: Logger): () => Promise<void> {
  if (days === 0) return async () => {};
  const run = async (signal: AbortSignal) => {
    const deleted = await deleteIdle(database, days, signal);
    if (deleted > 0) log.info({ deleted, days }, "conversations were deleted as RETENTION_DAYS asks for");
  };
  return doRegularly({ run, failure: "idle conversations were not deleted", everyMs: LOOK_AGAIN_MS }, log);
}
