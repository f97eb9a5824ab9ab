import { setImmediate as afterThisTick } from "node:timers/promises";

import { sql } from "drizzle-orm";

import { badInput, notFound } from "../../model/errors.ts";
import type { Database } from "../database/client.ts";
import type { WakeSignal } from "../database/wake-signal.ts";
import type { AccessWatch } from "../keys/key-ring.ts";
import { isVisible, type Scope } from "../sql/scope.ts";
import { conversationHeads } from "../tables/conversations.ts";
import type { ChangeFeed } from "./change-feed.ts";
import type { ChangedTurn, ChangesReader, Seen } from "./read-changes.ts";
import { AWAY, type PausableEvents, TRY_AGAIN_MS, toOutage, watchUntil } from "./watch-iterator.ts";

/** A subscriber to a conversation's turns. */
export interface Watcher extends ChangesReader {
  /**
   * Aborted when the subscriber has left, possibly before the first turn is requested, when no other sign of it exists.
   */
  signal: AbortSignal;
}

// Milliseconds after which a watcher reads without a notification: finds commits of a process that died before it
// announced them.
const LOOK_AGAIN_MS = 10_000;

/** Where a watcher stands. */
interface Place {
  /** How far it has come; null while it is paused. */
  seen: Seen | null;
}

/**
 * The conversation's turns as they are appended or change after what was seen, in order of revision. A turn that changes
 * several times before it is read comes once, in its last state, with the text that was added since the last read. Ends when the conversation is deleted, when the
 * database has lost what was delivered already, when the server stops, when the caller's access ends, and when the
 * subscriber leaves; survives outages of the database. Memory holds one read of up to 50 turns or a megabyte, however
 * slow the subscriber is.
 */
export function watchTurns(
  changes: ChangeFeed,
  access: AccessWatch,
  watcher: Watcher,
  conversationId: string,
  start: Seen,
): PausableEvents<ChangedTurn> {
  const place: Place = { seen: start };
  let wakeReader = () => {};
  const events = watchUntil(
    [changes.stopped, access.ended, watcher.signal],
    (wake) => {
      wakeReader = wake;
      const endWatch = changes.watch(watcher.scope.projectId, conversationId, () => {
        if (place.seen !== null) wake();
      });
      return () => {
        endWatch();
        access.release();
      };
    },
    (wakeSignal) => read(changes, watcher, conversationId, place, wakeSignal),
  );
  return Object.assign(events, {
    pause() {
      place.seen = null;
    },
    resume({ seen }: ChangedTurn) {
      place.seen = seen;
      wakeReader();
    },
  });
}

async function* read(
  changes: ChangeFeed,
  watcher: Watcher,
  conversationId: string,
  place: Place,
  bell: WakeSignal,
): AsyncGenerator<ChangedTurn, undefined> {
  try {
    while (!bell.ended.aborted) {
      if (place.seen === null) {
        await bell.wait(LOOK_AGAIN_MS);
        continue;
      }
      const found = await changes.read(watcher, conversationId, place.seen).catch(toOutage);
      if (found === null) return;
      if (found === AWAY) {
        await bell.wait(TRY_AGAIN_MS);
        continue;
      }
      for (const [index, change] of found.changes.entries()) {
        // Lets other work run between two turns: a hundred watchers that catch up would block everything else.
        if (index > 0) await afterThisTick();
        place.seen = change.seen;
        yield change;
        // Paused, or resumed elsewhere already: the rest is told by another watcher, or read again.
        if (place.seen !== change.seen) break;
      }
      if (!found.hasMore) await bell.wait(LOOK_AGAIN_MS);
    }
  } finally {
    bell.end();
  }
}

/**
 * Where to watch from: `afterRevision` when given, else the current revision. To be read before the subscription is
 * confirmed, so that every later write is delivered. NOT_FOUND for a conversation outside the scope, BAD_USER_INPUT for
 * a revision that the conversation has not reached. One statement.
 */
export async function findStart(
  database: Database,
  scope: Scope,
  conversationId: string,
  afterRevision: number | null,
): Promise<Seen> {
  const revision = await readRevision(database, scope, conversationId);
  if (revision === null) throw notFound("conversation", "conversationId");
  if (afterRevision !== null && (afterRevision < 0 || afterRevision > revision)) {
    throw badInput("afterRevision", `\`afterRevision\` must be 0 to ${revision}, the conversation's revision.`);
  }
  return { revision: afterRevision ?? revision, all: afterRevision === null };
}

async function readRevision(database: Database, scope: Scope, conversationId: string): Promise<number | null> {
  const [head] = await database.read<{ revision: number }>(sql`
    SELECT revision FROM ${conversationHeads} h WHERE ${isVisible(scope, "h")} AND h.conversation_id = ${conversationId}`);
  return head?.revision ?? null;
}
