import type { Config } from "../config.ts";
import type { Logger } from "../log.ts";
import type { Database } from "../store/database/client.ts";
import { forgetDeletedRegularly } from "./forget-deleted.ts";
import { renewWordsRegularly } from "./renew-words.ts";
import { deleteIdleRegularly } from "./retention.ts";
import { endStaleTurnsRegularly } from "./stale-turns.ts";

/** Begins all that a server does beside answering. The returned function ends it, and waits for what is under way. */
export function beginRegularWork(database: Database, config: Config, log: Logger): () => Promise<void> {
  const stops = [
    endStaleTurnsRegularly(database, config.staleTurnMinutes, log),
    deleteIdleRegularly(database, config.retentionDays, log),
    forgetDeletedRegularly(database, log),
    renewWordsRegularly(database, log),
  ];
  return async () => {
    await Promise.all(stops.map((stop) => stop()));
  };
}
