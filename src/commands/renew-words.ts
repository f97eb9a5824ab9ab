import type { Logger } from "../log.ts";
import type { Database } from "../store/database/client.ts";
import { renewWords } from "../store/write/renew-words.ts";
import { doRegularly } from "./regularly.ts";

const LOOK_AGAIN_MS = 60_000;

/** Makes the words of what is stored again, and goes on where another process ended, every minute: see `doRegularly`. */
export function renewWordsRegularly(database: Database, log: Logger): () => Promise<void> {
  const run = (signal: AbortSignal) => renewWords(database, signal);
  return doRegularly({ run, failure: "the words of searches were not renewed", everyMs: LOOK_AGAIN_MS }, log);
}
