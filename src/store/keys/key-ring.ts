import { timingSafeEqual } from "node:crypto";

import { ApiError } from "../../model/errors.ts";
import type { Database } from "../database/client.ts";
import { hashKey, isKey, KEYS_CHANNEL, type KeyRow, listKeys } from "./keys.ts";

// A key that was created or revoked counts everywhere within a second, also where the notification was lost.
const MAX_AGE_MS = 900;

const KEYS_AWAY = "The keys cannot be read. Try again shortly.";

/** The keys as this process knows them, at most a second old. */
export interface KeyRing {
  /** Whether callers need no key: where that is allowed, until the process sees the first key. */
  isOpen(): Promise<boolean>;
  /** The same as of the last look, without asking the database; false before that. */
  wasOpen(): boolean;
  /** Whether the last look found no key. Where callers need one all the same, no key can be right. */
  isEmpty(): boolean;
  /** The key, when it was created here and is not revoked; null otherwise. */
  find(key: string): Promise<KeyRow | null>;
  /** Tells when the key with this id is revoked, or for null when the server is no longer open. */
  watch(id: string | null): AccessWatch;
}

/** What lasts longer than its request was let in with. */
export interface AccessWatch {
  /** Aborted when it is over. */
  readonly ended: AbortSignal;
  /** To be called when nobody asks any more. */
  release(): void;
}

interface KnownKey {
  row: KeyRow;
  digest: Buffer;
}

/**
 * The ring of the database's keys. Costs one statement a second at most, none while nobody asks. `mayOpen` says whether
 * callers need no key before the first one was created. Keys are revoked and never deleted, so that a process which has seen
 * one takes an empty table for what it is, as during a restore: SERVICE_UNAVAILABLE until the keys are back.
 */
export function createKeyRing(database: Database, mayOpen: boolean): KeyRing {
  const watches = new Map<AbortController, string | null>();
  let snapshot: Promise<KnownKey[]> | null = null;
  let readAt = 0;
  let isEmpty = false;
  let hasSeenKey = false;
  let timer: NodeJS.Timeout | undefined;
  let listening = false;

  const forget = () => {
    snapshot = null;
    if (watches.size > 0) void load().catch(() => {});
  };
  const load = (): Promise<KnownKey[]> => {
    if (!listening) {
      listening = true;
      database.listen(KEYS_CHANNEL, forget, forget);
    }
    if (snapshot !== null && performance.now() - readAt < MAX_AGE_MS) return snapshot;
    readAt = performance.now();
    snapshot = listKeys(database).then((keys) => {
      endWatches(watches, keys);
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

  return {
    isOpen: async () => (await load()).length === 0 && mayOpen,
    wasOpen: () => isEmpty && !hasSeenKey && mayOpen,
    isEmpty: () => isEmpty,
    async find(key) {
      if (!isKey(key)) return null;
      const digest = Buffer.from(hashKey(key));
      const found = (await load()).filter((known) => timingSafeEqual(known.digest, digest));
      return found.find(({ row }) => row.revokedAt === null)?.row ?? null;
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
  const valid = new Set(keys.filter((key) => key.revokedAt === null).map((key) => key.id));
  for (const [controller, id] of watches) {
    if (id === null ? keys.length > 0 : !valid.has(id)) controller.abort();
  }
}
