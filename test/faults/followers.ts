import { setTimeout as delay } from "node:timers/promises";

import { vi } from "vitest";

import { type Watch, watch } from "../harness/watch.ts";

/** A watcher that subscribes again from where it was whenever its stream ends. */
export interface Follower {
  /** How many streams it had so far. */
  streams(): number;
  /** Resolves when the last turn of each conversation that it follows has come; then it leaves. Rejects on a fault of the order. */
  until(lastPositions: ReadonlyMap<string, number>): Promise<void>;
}

interface Server {
  origin: string;
}

const TURNS = `subscription ($id: ID!, $after: Int) {
  turnChanged(conversationId: $id, afterRevision: $after) { turn { position revision } } }`;
const LISTS = `subscription ($after: String) {
  conversationChanged(after: $after) { cursor conversationEdge { node { id } } turnEdge { node { position } } } }`;

/** Follows the turns of the conversation from its beginning: each must come once, in order. */
export function followTurns(server: Server, id: string): Follower {
  let after = 0;
  let position = 0;
  return follow(server, TURNS, () => ({ id, after }), {
    take({ turnChanged: { turn } }) {
      if (turn.position !== position + 1) throw new Error(`Turn ${turn.position} came after turn ${position}.`);
      position = turn.position;
      after = turn.revision;
    },
    hasAll: (last) => position === last.get(id),
  });
}

/** Follows the list of conversations: the states of each of these must come in order, and the last one must come. */
export function followLists(server: Server, ids: readonly string[]): Follower {
  let after: string | null = null;
  const positions = new Map<string, number>();
  return follow(server, LISTS, () => ({ after }), {
    take({ conversationChanged: { cursor, conversationEdge, turnEdge } }) {
      const { id } = conversationEdge.node;
      const before = positions.get(id) ?? 0;
      const { position } = turnEdge?.node ?? { position: before };
      after = cursor;
      if (!ids.includes(id)) return;
      if (position < before) throw new Error(`${id} at turn ${position} came after turn ${before}.`);
      positions.set(id, position);
    },
    hasAll: (last) => [...last].every(([id, position]) => positions.get(id) === position),
  });
}

interface Course {
  // biome-ignore lint/suspicious/noExplicitAny: the shape is that of the document
  take(data: any): void;
  hasAll(lastPositions: ReadonlyMap<string, number>): boolean;
}

function follow(server: Server, query: string, variables: () => Record<string, unknown>, course: Course): Follower {
  let watching: Watch | null = null;
  let streams = 0;
  let over = false;
  let fault: unknown = null;
  const follow = async () => {
    while (!over) {
      watching = await watch(server, variables(), {}, query).catch(() => null);
      if (watching !== null) streams += 1;
      for (;;) {
        // A stream that breaks ends as one that the server completes.
        const event = await watching?.next().catch(() => null);
        if (event?.data == null) break;
        course.take(event.data);
      }
      await delay(50);
    }
  };
  const following = follow().catch((error: unknown) => {
    fault = error;
  });
  return {
    streams: () => streams,
    async until(last) {
      const isDone = vi.waitUntil(() => fault !== null || course.hasAll(last), { timeout: 20_000 });
      await isDone.finally(async () => {
        over = true;
        watching?.leave();
        await following;
      });
      if (fault !== null) throw fault;
    },
  };
}
