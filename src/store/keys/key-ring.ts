import { timingSafeEqual } from "node:crypto";

import { ApiError, serverBusy } from "../../model/errors.ts";
import type { Database } from "../database/client.ts";
import { createNoteUse } from "./key-uses.ts";
import { hashKey, isKey, KEYS_CHANNEL, type KeyRow, listKeys } from "./keys.ts";

// A created or revoked key takes effect everywhere within a second, also where the notification was lost.
const MAX_AGE_MS = 900;

// Each request that waits for the keys holds memory, and one behind so many is not served in time. What a caller may wait
// with is known only with its key.
const MOST_WAITING = 1_000;

/** What the bearer of a key that has expired is told. */
export const KEY_EXPIRED = "The key has expired.";

const KEYS_AWAY = "The keys cannot be read. Try again shortly.";

/** The keys as this process knows them: at most a second old. */
export interface KeyRing {
  /**
   * Whether callers need no key: until the process sees the first key, where that is allowed. Rejects when the keys cannot
   * be read, and with SERVICE_UNAVAILABLE when too many wait for them.
   */
  isOpen(): Promise<boolean>;
  /** Whether the keys are known without a statement now. */
  isFresh(): boolean;
  /** The same as of the last read of the keys, without asking the database; false before the first. */
  wasOpen(): boolean;
  /** Whether the last read found no key. Where callers need one all the same, no key can be valid. */
  isEmpty(): boolean;
  /**
   * The row of the key, which may be revoked or expired; null for a key that does not exist. Rejects as `isOpen` does. Takes
   * down the use of a valid one, for which nothing waits.
   */
  find(key: string): Promise<KeyRow | null>;
  /** How many requests wait for the read of the keys, and how many were refused to so far. */
  load(): { waiting: number; refused: number };
  /** Watches the key with this id until it is not valid; null watches the open server until the first key exists. */
  watch(id: string | null): AccessWatch;
}

/** Watches the access of what lasts longer than its request, such as a subscription. */
export interface AccessWatch {
  /** Aborted when the access is over; with an ApiError where the caller is told why. */
  readonly ended: AbortSignal;
  /** Ends the watch. To be called once it is of no more use. */
  release(): void;
}

interface KnownKey {
  row: KeyRow;
  digest: Buffer;
}

/**
 * The ring of the database's keys. Costs at most one statement a second, and none without requests or watches. `mayOpen` is
 * whether callers need no key before the first one was created. Keys are revoked and never deleted: a process that has seen
 * one knows that an empty table is not meant, as during a restore, and rejects with SERVICE_UNAVAILABLE until they are back.
 */
export function createKeyRing(database: Database, mayOpen: boolean): KeyRing {
  const watches = new Map<AbortController, string | null>();
  let snapshot: Promise<KnownKey[]> | null = null;
  let readAt = 0;
  let isRead = false;
  let isEmpty = false;
  let hasSeenKey = false;
  let timer: NodeJS.Timeout | undefined;
  let listening = false;
  let waiting = 0;
  let refused = 0;
  const noteUse = createNoteUse(database);

  const isYoung = () => performance.now() - readAt < MAX_AGE_MS;
  const forget = () => {
    snapshot = null;
    if (watches.size > 0) void load().catch(() => {});
  };
  const load = (): Promise<KnownKey[]> => {
    if (!listening) {
      listening = true;
      database.listen(KEYS_CHANNEL, forget, forget);
    }
    if (snapshot !== null && isYoung()) return snapshot;
    readAt = performance.now();
    isRead = false;
    snapshot = listKeys(database).then((keys) => {
      endWatches(watches, keys);
      isRead = true;
      isEmpty = keys.length === 0;
      if (isEmpty && hasSeenKey) throw new ApiError("SERVICE_UNAVAILABLE", KEYS_AWAY);
      hasSeenKey ||= !isEmpty;
      return keys.map((row) => ({ row, digest: Buffer.from(row.hash) }));
    });
    snapshot.catch(() => {
      snapshot = null;
    });
    return snapshot;
  };
  const known = async (): Promise<KnownKey[]> => {
    if (!isRead && waiting >= MOST_WAITING) {
      refused += 1;
      throw serverBusy();
    }
    waiting += 1;
    try {
      return await load();
    } finally {
      waiting -= 1;
    }
  };

  return {
    isOpen: async () => (await known()).length === 0 && mayOpen,
    wasOpen: () => isEmpty && !hasSeenKey && mayOpen,
    isEmpty: () => isEmpty,
    load: () => ({ waiting, refused }),
    isFresh: () => isRead && snapshot !== null && isYoung(),
    async find(key) {
      if (!isKey(key)) return null;
      const digest = Buffer.from(hashKey(key));
      const [found] = (await known()).filter((each) => timingSafeEqual(each.digest, digest));
      if (found?.row.state === "valid") noteUse(found.row);
      return found?.row ?? null;
    },
    watch(id) {
      const controller = new AbortController();
      watches.set(controller, id);
      timer ??= setInterval(() => void load().catch(() => {}), MAX_AGE_MS).unref();
      return {
        ended: controller.signal,
        release() {
          watches.delete(controller);
          if (watches.size > 0) return;
          clearInterval(timer);
          timer = undefined;
        },
      };
    },
  };
}

function endWatches(watches: ReadonlyMap<AbortController, string | null>, keys: readonly KeyRow[]): void {
  const states = new Map(keys.map(({ id, state }) => [id, state]));
  for (const [controller, id] of watches) {
    const state = id === null ? null : states.get(id);
    if (state === "expired") controller.abort(new ApiError("UNAUTHENTICATED", KEY_EXPIRED));
    else if (id === null ? keys.length > 0 : state !== "valid") controller.abort();
  }
}
