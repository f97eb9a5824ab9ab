import { setImmediate as afterThisTick } from "node:timers/promises";

import { sql } from "drizzle-orm";

import { badInput, notFound, toApiError } from "../../model/errors.ts";
import type { Database } from "../database/client.ts";
import { createWakeSignal, type WakeSignal } from "../database/wake-signal.ts";
import type { AccessWatch } from "../keys/key-ring.ts";
import type { TurnRow } from "../read/turns.ts";
import { isVisible, type Scope } from "../sql/scope.ts";
import { conversationHeads } from "../tables/conversations.ts";
import type { ChangeFeed } from "./change-feed.ts";
import type { ChangesReader } from "./read-changes.ts";

/** One who watches. */
export interface Watcher extends ChangesReader {
  /** Aborted when he has left: it may be before the first turn is asked for, and then nothing else tells. */
  signal: AbortSignal;
}

// How long a watcher waits at most before it looks again: what is committed by a process that dies before it could tell
// anybody is found then.
const LOOK_AGAIN_MS = 10_000;
// The same while the database is away.
const TRY_AGAIN_MS = 500;

/**
 * The conversation's turns as they are appended or change after the revision, in order of revision. A turn that changes
 * several times before it is read comes once, in its last state. Ends when the conversation is deleted, when the database
 * has lost what was given already, when the server stops, when the caller's access is over, and when the caller leaves; the database may go and
 * come back in between. Memory holds one read of up to 50 turns or a megabyte, however slow the reader is.
 */
export function watchTurns(
  changes: ChangeFeed,
  access: AccessWatch,
  watcher: Watcher,
  conversationId: string,
  afterRevision: number,
): AsyncIterableIterator<TurnRow> {
  const endWatch = changes.watch(watcher.scope.projectId, conversationId, () => wakeSignal.wake());
  const wakeSignal = createWakeSignal(() => {
    endWatch();
    access.release();
  });
  for (const over of [changes.stopped, access.ended, watcher.signal]) {
    over.addEventListener("abort", wakeSignal.end, { once: true, signal: wakeSignal.ended });
    if (over.aborted) wakeSignal.end();
  }
  const changed = read(changes, watcher, conversationId, afterRevision, wakeSignal);
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () => changed.next(),
    // A generator that waits for a change would hear of its end only when the change comes.
    return: () => {
      wakeSignal.end();
      return changed.return(undefined);
    },
  };
}

async function* read(
  changes: ChangeFeed,
  watcher: Watcher,
  conversationId: string,
  afterRevision: number,
  bell: WakeSignal,
): AsyncGenerator<TurnRow, undefined> {
  let seen = afterRevision;
  try {
    while (!bell.ended.aborted) {
      const found = await changes.read(watcher, conversationId, seen).catch(toOutage);
      if (found === null) return;
      for (const [index, turn] of (found === AWAY ? [] : found.turns).entries()) {
        // Others have their turn between two of these: a hundred watchers who catch up would hold up everybody else.
        if (index > 0) await afterThisTick();
        seen = turn.revision;
        yield turn;
      }
      if (found === AWAY) await bell.wait(TRY_AGAIN_MS);
      else if (!found.hasMore) await bell.wait(LOOK_AGAIN_MS);
    }
  } finally {
    bell.end();
  }
}

const AWAY = Symbol("the database is away");

function toOutage(error: unknown): typeof AWAY {
  if (toApiError(error).code === "SERVICE_UNAVAILABLE") return AWAY;
  throw error;
}

/**
 * The revision after which to watch: `afterRevision` when it is given, else that of now. To be known before the caller
 * is told that he watches, so that whatever is written from then on comes. NOT_FOUND for a conversation that the scope
 * does not see, BAD_USER_INPUT for a revision that it has not come to yet. One statement.
 */
export async function findStartRevision(
  database: Database,
  scope: Scope,
  conversationId: string,
  afterRevision: number | null,
): Promise<number> {
  const revision = await readRevision(database, scope, conversationId);
  if (revision === null) throw notFound("conversation", "conversationId");
  if (afterRevision !== null && (afterRevision < 0 || afterRevision > revision)) {
    throw badInput("afterRevision", `\`afterRevision\` must be 0 to ${revision}, the conversation's revision.`);
  }
  return afterRevision ?? revision;
}

async function readRevision(database: Database, scope: Scope, conversationId: string): Promise<number | null> {
  const [head] = await database.read<{ revision: number }>(sql`
    SELECT revision FROM ${conversationHeads} h WHERE ${isVisible(scope, "h")} AND h.conversation_id = ${conversationId}`);
  return head?.revision ?? null;
}
