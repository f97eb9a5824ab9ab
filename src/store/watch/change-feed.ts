import { EventEmitter } from "node:events";

import { sql } from "drizzle-orm";

import type { Database } from "../database/client.ts";
import type { Executor } from "../database/executor.ts";
import { textArray } from "../sql/parameters.ts";
import { createReadChanges, type ReadChanges } from "./read-changes.ts";

const CHANNEL = "conversation_changed";

/** Tells the watchers of a conversation, in every process on the same database, that it changed, and reads for them. */
export interface ChangeFeed {
  /** To be called after the commit. Does not wait: what comes together is told in one statement. */
  announce(projectId: string, conversationId: string): void;
  /** Calls `wake` whenever the conversation may have changed, until the watch is ended by the function given back. */
  watch(projectId: string, conversationId: string, wake: () => void): () => void;
  /** How many watches have not been ended. */
  countWatches(): number;
  /** What a watcher who was woken reads. */
  readonly read: ReadChanges;
  /** Aborted when the server stops: watchers end. */
  readonly stopped: AbortSignal;
  stop(): void;
}

/**
 * Announcements carry ids only. A watcher reads what is new, so that nothing is lost when many changes make one wake-up,
 * when the listening connection breaks, and when a reader is slow.
 */
export function createChangeFeed(database: Database): ChangeFeed {
  const wakers = new EventEmitter();
  wakers.setMaxListeners(0);
  const stop = new AbortController();
  const tell = createTeller(database);
  let listening = false;

  return {
    announce(projectId, conversationId) {
      const name = toName(projectId, conversationId);
      wakers.emit(name);
      tell(name);
    },
    watch(projectId, conversationId, wake) {
      const name = toName(projectId, conversationId);
      wakers.on(name, wake);
      if (!listening) {
        listening = true;
        listen(database, wakers);
      }
      return () => wakers.off(name, wake);
    },
    countWatches: () => wakers.eventNames().reduce((count, name) => count + wakers.listenerCount(name), 0),
    read: createReadChanges(database),
    stopped: stop.signal,
    stop: () => stop.abort(),
  };
}

function listen(database: Database, wakers: EventEmitter): void {
  database.listen(
    CHANNEL,
    (name) => wakers.emit(name),
    // What was notified while nobody listened is lost: everyone looks for himself.
    () => {
      for (const name of wakers.eventNames()) wakers.emit(name);
    },
  );
}

/**
 * Notifies the other processes of names. A commit that notifies takes a lock that all such commits share, so it is not
 * done by each write: what is announced while one statement runs goes with the next. A watcher that misses one because
 * the statement fails, or because the process dies before it, finds the change when it looks again by itself.
 */
function createTeller(database: Database): (name: string) => void {
  const pending = new Set<string>();
  let running = false;
  const run = async () => {
    running = true;
    while (pending.size > 0) {
      const names = [...pending];
      pending.clear();
      await notify(database, names).catch(() => {});
    }
    running = false;
  };
  return (name) => {
    pending.add(name);
    if (!running) void run();
  };
}

/** Tells the watchers in every process, from one that has no watchers itself: with the commit, in a transaction. */
export async function notifyChanged(
  executor: Executor,
  projectId: string,
  conversationIds: readonly string[],
): Promise<void> {
  await notify(
    executor,
    conversationIds.map((id) => toName(projectId, id)),
  );
}

async function notify(executor: Executor, names: readonly string[]): Promise<void> {
  await executor.rows(sql`SELECT pg_notify(${CHANNEL}, name) FROM unnest(${textArray(names)}) AS name`);
}

function toName(projectId: string, conversationId: string): string {
  return JSON.stringify([projectId, conversationId]);
}
