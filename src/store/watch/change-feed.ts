import { EventEmitter } from "node:events";
import { setTimeout as delay } from "node:timers/promises";

import { sql } from "drizzle-orm";

import type { Database } from "../database/client.ts";
import type { Executor } from "../database/executor.ts";
import { textArray } from "../sql/parameters.ts";
import { type ConversationFeed, createConversationFeed } from "./conversation-feed.ts";
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
  /** Tells the watchers of lists what changes in their projects. */
  readonly conversations: ConversationFeed;
  /** The number of watches that have not ended, those of lists among them. */
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
  const wakers = createWakers();
  const stop = new AbortController();
  const echoes = createEchoes();
  let listening = false;
  const notify = createNotifier(stop.signal, async (names) => {
    const watched = names.filter(wakers.isWatched);
    echoes.expect(watched);
    await notifyOf(database, names).catch(() => {
      echoes.forget(watched);
      for (const name of watched) wakers.wake(name);
    });
  });
  const beginListening = () => {
    if (listening) return;
    listening = true;
    listen(database, wakers, echoes);
  };
  const conversations = createConversationFeed(database, (projectId, wake) => {
    beginListening();
    return wakers.onProject(projectId, wake);
  });

  return {
    announce(projectId, conversationId) {
      const name = toName(projectId, conversationId);
      wakers.wake(name);
      notify(name);
    },
    watch(projectId, conversationId, wake) {
      beginListening();
      return wakers.onName(toName(projectId, conversationId), wake);
    },
    conversations,
    countWatches: () => wakers.countNamed() + conversations.countMembers(),
    read: createReadChanges(database),
    stopped: stop.signal,
    stop: () => stop.abort(),
  };
}

/** Those who wait for changes: of a conversation, under its name, or of any in a project. */
interface Wakers {
  onName(name: string, wake: () => void): () => void;
  onProject(projectId: string, wake: (conversationId: string | null) => void): () => void;
  wake(name: string): void;
  wakeAll(): void;
  isWatched(name: string): boolean;
  countNamed(): number;
}

function createWakers(): Wakers {
  const byName = new EventEmitter();
  const byProject = new EventEmitter();
  byName.setMaxListeners(0);
  const ofProject = (name: string): [projectId: string, conversationId: string] | null =>
    byProject.eventNames().length === 0 ? null : fromName(name);
  return {
    onName(name, wake) {
      byName.on(name, wake);
      return () => byName.off(name, wake);
    },
    onProject(projectId, wake) {
      byProject.on(toEvent(projectId), wake);
      return () => byProject.off(toEvent(projectId), wake);
    },
    wake(name) {
      byName.emit(name);
      const [projectId, conversationId] = ofProject(name) ?? [];
      if (projectId !== undefined) byProject.emit(toEvent(projectId), conversationId);
    },
    wakeAll() {
      for (const name of byName.eventNames()) byName.emit(name);
      for (const event of byProject.eventNames()) byProject.emit(event, null);
    },
    isWatched(name) {
      const [projectId] = ofProject(name) ?? [];
      return (
        byName.listenerCount(name) > 0 || (projectId !== undefined && byProject.listenerCount(toEvent(projectId)) > 0)
      );
    },
    countNamed: () => byName.eventNames().reduce((count, name) => count + byName.listenerCount(name), 0),
  };
}

/** A project may be named `error`, an event that an EventEmitter throws where nothing listens to it. */
function toEvent(projectId: string): string {
  return `of ${projectId}`;
}

function listen(database: Database, wakers: Wakers, echoes: Echoes): void {
  database.listen(
    CHANNEL,
    (name) => {
      if (!echoes.isExpected(name)) wakers.wake(name);
    },
    // Notifications from before this moment are lost: every watcher reads.
    () => {
      echoes.forgetAll();
      wakers.wakeAll();
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

function fromName(name: string): [projectId: string, conversationId: string] {
  // Safe cast: every server on the database writes names as `toName` does.
  return JSON.parse(name) as [string, string];
}
