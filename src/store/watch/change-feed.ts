import { EventEmitter } from "node:events";
import { setTimeout as delay } from "node:timers/promises";

import { sql } from "drizzle-orm";

import type { Database } from "../database/client.ts";
import type { Executor } from "../database/executor.ts";
import { textArray } from "../sql/parameters.ts";
import { createEchoes, type Echoes } from "./echoes.ts";
import { createReadChanges, type ReadChanges } from "./read-changes.ts";

const CHANNEL = "conversation_changed";
// A statement that notifies costs as much as the append of a word: text that streams has one for several words. The eye does not
// see the difference, and a watcher of this process is woken at once.
const NOTIFY_EVERY_MS = 25;

/** Notifies the watchers of a conversation, in every process on the same database, and reads the changes for them. */
export interface ChangeFeed {
  /** To be called after the commit. Does not wait: announcements that come together are sent in one statement. */
  announce(projectId: string, conversationId: string): void;
  /** Calls `wake` whenever the conversation may have changed, until the returned function ends the watch. */
  watch(projectId: string, conversationId: string, wake: () => void): () => void;
  /** The number of watches that have not ended. */
  countWatches(): number;
  /** Reads the changes for a watcher that was woken. */
  readonly read: ReadChanges;
  /** Aborted when the server stops: watchers end. */
  readonly stopped: AbortSignal;
  stop(): void;
}

/**
 * A change feed on the database. Announcements carry ids only, and a watcher reads what is new: nothing is lost when
 * many changes make one wake-up, when the listening connection breaks, or when a reader is slow.
 */
export function createChangeFeed(database: Database): ChangeFeed {
  const wakers = new EventEmitter();
  wakers.setMaxListeners(0);
  const stop = new AbortController();
  const echoes = createEchoes();
  let listening = false;
  const notify = createNotifier(stop.signal, async (names) => {
    const watched = names.filter((name) => wakers.listenerCount(name) > 0);
    echoes.expect(watched);
    await notifyOf(database, names).catch(() => {
      echoes.forget(watched);
      for (const name of watched) wakers.emit(name);
    });
  });

  return {
    announce(projectId, conversationId) {
      const name = toName(projectId, conversationId);
      wakers.emit(name);
      notify(name);
    },
    watch(projectId, conversationId, wake) {
      const name = toName(projectId, conversationId);
      wakers.on(name, wake);
      if (!listening) {
        listening = true;
        listen(database, wakers, echoes);
      }
      return () => wakers.off(name, wake);
    },
    countWatches: () => wakers.eventNames().reduce((count, name) => count + wakers.listenerCount(name), 0),
    read: createReadChanges(database),
    stopped: stop.signal,
    stop: () => stop.abort(),
  };
}

function listen(database: Database, wakers: EventEmitter, echoes: Echoes): void {
  database.listen(
    CHANNEL,
    (name) => {
      if (!echoes.isExpected(name)) wakers.emit(name);
    },
    // Notifications from before this moment are lost: every watcher reads.
    () => {
      echoes.forgetAll();
      for (const name of wakers.eventNames()) wakers.emit(name);
    },
  );
}

/**
 * Has the other processes notified of the names. A commit that notifies takes a lock that all such commits share, so writes
 * do not notify themselves: names announced within 25 ms of one statement are sent with the next, and at once when
 * the server stops. When the statement fails,
 * or the process dies before it, watchers find the change at their next periodic read.
 */
function createNotifier(
  stopped: AbortSignal,
  notify: (names: readonly string[]) => Promise<void>,
): (name: string) => void {
  const pending = new Set<string>();
  let running = false;
  const run = async () => {
    running = true;
    while (pending.size > 0) {
      const names = [...pending];
      pending.clear();
      const pause = delay(NOTIFY_EVERY_MS, undefined, { signal: stopped, ref: false });
      await Promise.all([notify(names), pause.catch(() => {})]);
    }
    running = false;
  };
  return (name) => {
    pending.add(name);
    if (!running) void run();
  };
}

/**
 * Notifies the watchers in every process at the commit of the transaction; for a process without watchers of its own.
 * One statement.
 */
export async function notifyChanged(
  executor: Executor,
  projectId: string,
  conversationIds: readonly string[],
): Promise<void> {
  await notifyOf(
    executor,
    conversationIds.map((id) => toName(projectId, id)),
  );
}

async function notifyOf(executor: Executor, names: readonly string[]): Promise<void> {
  await executor.rows(sql`SELECT pg_notify(${CHANNEL}, name) FROM unnest(${textArray(names)}) AS name`);
}

function toName(projectId: string, conversationId: string): string {
  return JSON.stringify([projectId, conversationId]);
}
