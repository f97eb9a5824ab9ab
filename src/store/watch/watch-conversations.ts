import { setImmediate as afterThisTick, setTimeout as delay } from "node:timers/promises";

import type { Database } from "../database/client.ts";
import { type Caller, createRequester } from "../database/requester.ts";
import type { WakeSignal } from "../database/wake-signal.ts";
import type { AccessWatch } from "../keys/key-ring.ts";
import type { ConversationFilter } from "../read/conversations.ts";
import type { Scope } from "../sql/scope.ts";
import type { ChangeFeed } from "./change-feed.ts";
import { type ConversationChange, createToldChanges, toChange } from "./list-change.ts";
import type { Member } from "./list-group.ts";
import { type ListPosition, MAX_TOLD, positionAt, type Told, tagOf, UNSETTLED_MS } from "./list-position.ts";
import { type ChangePlace, readStatesAfter, STATES_PER_READ } from "./read-states.ts";
import { AWAY, TRY_AGAIN_MS, toOutage, watchUntil } from "./watch-iterator.ts";

/** A subscriber to a list of conversations. */
export interface ListWatcher {
  scope: Scope;
  caller: Caller;
  /** Aborted when the subscriber has left. */
  signal: AbortSignal;
  /** null for all conversations. */
  filter: ConversationFilter | null;
  /** Whether it wants the messages of turns. */
  withMessages: boolean;
}

// As many conversations may wait for a slow watcher. With more it reads by itself what it has missed.
const MAX_PENDING = 500;
// The feed of the project looks by itself for what was not announced.
const WAIT_MS = 60_000;

/** What waits for a watcher. */
interface Inbox {
  pending: Map<string, ConversationChange>;
  isBehind: boolean;
  error: { cause: unknown } | null;
}

/**
 * The conversations of the list as they come, change and go after the position, null for now. What changes several times before
 * it is read comes once, in its last state. Ends when the server stops, when the caller's access ends, and when the subscriber
 * leaves; survives outages of the database. A watcher that is slow has up to 500 conversations in memory, which it shares with
 * others. Throws as a read of the list does. Resolves once every later commit will be told.
 */
export async function watchConversations(
  database: Database,
  changes: ChangeFeed,
  access: AccessWatch,
  watcher: ListWatcher,
  after: ListPosition | null,
): Promise<AsyncIterableIterator<ConversationChange>> {
  const { scope, filter, withMessages, signal } = watcher;
  const inbox: Inbox = { pending: new Map(), isBehind: after !== null, error: null };
  let wake = () => {};
  const member: Member = {
    filter: filter === null ? null : { name: JSON.stringify(filter), filter },
    withMessages,
    deliver(change) {
      if (inbox.isBehind) return wake();
      inbox.pending.delete(change.id);
      inbox.pending.set(change.id, change);
      if (inbox.pending.size > MAX_PENDING) member.fallBehind();
      wake();
    },
    fallBehind() {
      inbox.isBehind = true;
      inbox.pending.clear();
      wake();
    },
    fail(cause) {
      inbox.error = { cause };
      wake();
    },
  };
  const leave = () => {
    changes.conversations.leave(scope, member);
    access.release();
  };
  const start = await changes.conversations.join(scope, member).catch((error: unknown) => {
    leave();
    throw error;
  });
  return watchUntil(
    [changes.stopped, access.ended, signal],
    (wakeUp) => {
      wake = wakeUp;
      return leave;
    },
    (wakeSignal) => read(database, watcher, inbox, after ?? start, wakeSignal),
  );
}

async function* read(
  database: Database,
  watcher: ListWatcher,
  inbox: Inbox,
  start: ListPosition,
  wakeSignal: WakeSignal,
): AsyncGenerator<ConversationChange, undefined> {
  const told = createToldChanges();
  let position = start;
  try {
    while (!wakeSignal.ended.aborted) {
      if (inbox.error !== null) throw inbox.error.cause;
      if (inbox.isBehind) {
        // What comes from now on waits: it may be later than what is read.
        inbox.isBehind = false;
        for await (const change of readMissed(database, watcher, position, wakeSignal)) {
          if (!told.isNew(change)) continue;
          position = change.position;
          yield change;
        }
        continue;
      }
      const [next] = inbox.pending.values();
      if (next === undefined) {
        await wakeSignal.wait(WAIT_MS);
        continue;
      }
      inbox.pending.delete(next.id);
      if (!told.isNew(next)) continue;
      // Lets other work run between two events of a watcher that catches up.
      await afterThisTick();
      position = next.position;
      yield next;
    }
  } finally {
    wakeSignal.end();
  }
}

/** What changed since the position and was not told, in the order of the changes. A statement for every twenty. */
async function* readMissed(
  database: Database,
  { scope, caller, filter, withMessages }: ListWatcher,
  since: ListPosition,
  { ended }: WakeSignal,
): AsyncGenerator<ConversationChange, undefined> {
  const known = new Set(since.told);
  const filters = new Map(filter === null ? [] : [[FILTER, filter]]);
  const told: Told[] = since.told.map((tag) => ({ tag, changedAt: since.at }));
  let place: ChangePlace = { changedAt: since.at - UNSETTLED_MS, id: "" };
  while (!ended.aborted) {
    const found = await readStatesAfter(
      database,
      { scope, filters, withMessages },
      place,
      createRequester(caller),
    ).catch(toOutage);
    if (found === AWAY) {
      await delay(TRY_AGAIN_MS, undefined, { signal: ended }).catch(() => {});
      continue;
    }
    for (const state of found) {
      place = state;
      const tag = tagOf(state.id, state.conversation?.revision ?? null);
      if (known.has(tag)) continue;
      told.push({ tag, changedAt: state.changedAt });
      if (told.length > MAX_TOLD) told.shift();
      const position = positionAt(Math.max(since.at, state.changedAt), told);
      const change = toChange(state, state.fits.get(FILTER) ?? "fits", position);
      if (change !== null) yield change;
    }
    if (found.length < STATES_PER_READ) return;
  }
}

const FILTER = "";
