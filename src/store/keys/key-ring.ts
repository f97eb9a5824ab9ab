import { timingSafeEqual } from "node:crypto";

import type { Database } from "../database/client.ts";
import { hashKey, isKey, KEYS_CHANNEL, type KeyRow, listKeys } from "./keys.ts";

// A key that was created or revoked counts everywhere within a second, also where the notification was lost.
const MAX_AGE_MS = 900;

/** The keys as this process knows them, at most a second old. */
export interface KeyRing {
  /** Whether no key was ever created: the server is then open for local use. */
  isOpen(): Promise<boolean>;
  /** The same as it was when somebody last looked, without asking the database; false before that. */
  wasOpen(): boolean;
  /** Whether it can answer now, without asking the database. */
  isFresh(): boolean;
  /** The key, when it was created here and is not revoked; null otherwise. */
  find(key: string): Promise<KeyRow | null>;
  /** Tells when the key with this id is revoked, or for null when the server is no longer open. */
  watch(id: string | null): Admission;
}

/** What lasts longer than its request was let in with. */
export interface Admission {
  /** Aborted when it is over. */
  readonly ended: AbortSignal;
  /** To be called when nobody asks any more. */
  release(): void;
}

interface KnownKey {
  row: KeyRow;
  digest: Buffer;
}

/** The ring of the database's keys. Costs one statement a second at most, none while nobody asks. */
export function createKeyRing(database: Database): KeyRing {
  const admissions = new Map<AbortController, string | null>();
  let snapshot: Promise<KnownKey[]> | null = null;
  let readAt = 0;
  let isRead = false;
  let wasOpen = false;
  let timer: NodeJS.Timeout | undefined;
  let listening = false;

  const forget = () => {
    snapshot = null;
    isRead = false;
    if (admissions.size > 0) void load().catch(() => {});
  };
  const isYoung = () => performance.now() - readAt < MAX_AGE_MS;
  const load = (): Promise<KnownKey[]> => {
    if (!listening) {
      listening = true;
      // Until the next look tries again, the age limit alone makes news of a change come.
      database.listen(KEYS_CHANNEL, forget, forget).catch(() => {
        listening = false;
      });
    }
    if (snapshot !== null && isYoung()) return snapshot;
    readAt = performance.now();
    isRead = false;
    snapshot = listKeys(database).then((keys) => {
      endAdmissions(admissions, keys);
      wasOpen = keys.length === 0;
      isRead = true;
      return keys.map((row) => ({ row, digest: Buffer.from(row.hash) }));
    });
    snapshot.catch(() => {
      snapshot = null;
    });
    return snapshot;
  };

  return {
    isOpen: async () => (await load()).length === 0,
    wasOpen: () => wasOpen,
    isFresh: () => isRead && isYoung(),
    async find(key) {
      if (!isKey(key)) return null;
      const digest = Buffer.from(hashKey(key));
      const found = (await load()).filter((known) => timingSafeEqual(known.digest, digest));
      return found.find(({ row }) => row.revokedAt === null)?.row ?? null;
    },
    watch(id) {
      const controller = new AbortController();
      admissions.set(controller, id);
      timer ??= setInterval(() => void load().catch(() => {}), MAX_AGE_MS).unref();
      return {
        ended: controller.signal,
        release() {
          admissions.delete(controller);
          if (admissions.size > 0) return;
          clearInterval(timer);
          timer = undefined;
        },
      };
    },
  };
}

function endAdmissions(admissions: ReadonlyMap<AbortController, string | null>, keys: readonly KeyRow[]): void {
  const valid = new Set(keys.filter((key) => key.revokedAt === null).map((key) => key.id));
  for (const [controller, id] of admissions) {
    if (id === null ? keys.length > 0 : !valid.has(id)) controller.abort();
  }
}
