import type { Database } from "../database/client.ts";
import { type KeyRow, noteKeyUse } from "./keys.ts";

const HOUR_MS = 3_600_000;
// While the database takes no writes, a key's use is tried to be noted so seldom.
const TRY_AGAIN_MS = 60_000;

/** Takes down that a key is used. Returns at once: no request waits for it, and none fails with it. */
export type NoteUse = (key: KeyRow) => void;

/** Notes uses in the database: one statement an hour and key at most, and none where another server has noted the hour. */
export function createNoteUse(database: Database): NoteUse {
  // By id: when to note again. As many as there are keys.
  const due = new Map<string, number>();
  return (key) => {
    const now = Date.now();
    const hour = now - (now % HOUR_MS);
    if (now < (due.get(key.id) ?? 0)) return;
    due.set(key.id, hour + HOUR_MS);
    if (key.lastUsedAt !== null && key.lastUsedAt.getTime() >= hour) return;
    noteKeyUse(database, key).catch(() => due.set(key.id, now + TRY_AGAIN_MS));
  };
}
