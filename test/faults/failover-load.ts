import { setTimeout as delay } from "node:timers/promises";

import { expect } from "vitest";

import { create, says } from "../harness/writes.ts";
import { document } from "./callers.ts";
import { followLists, followTurns } from "./followers.ts";

/** A write that a server acknowledged. */
interface Acknowledged {
  conversationId: string;
  content: string;
  position: number;
  /** When the request that was acknowledged was sent, on the clock of `performance`. */
  sentAt: number;
  /** When its answer was there. */
  at: number;
}

/** Writers, readers and watchers that go on through whatever happens to the database. */
export interface FailoverLoad {
  /** In the order in which they were acknowledged. */
  readonly acknowledged: readonly Acknowledged[];
  /** How many answers were 503. */
  refused(): { writes: number; reads: number };
  /** How many watchers there are, and how many streams they have had. */
  watched(): { watchers: number; streams: number };
  /** Throws the first fault that a writer or reader met. */
  check(): void;
  /** Ends the writers and readers. Resolves once the watchers have all that was written; rejects with the first fault. */
  finish(): Promise<void>;
}

const CONVERSATIONS = 2;
const WRITERS = 8;
const PAUSE_MS = 5;
const RETRY_MS = 50;

const APPEND = "mutation ($input: AppendTurnInput!) { appendTurn(input: $input) { turn { position } } }";
const COUNT = "query ($id: ID!) { conversation(id: $id) { turns(last: 1) { totalCount } } }";

/**
 * Traffic on the two servers. What one refuses goes to the other, a write with the same key. Each write is read on the
 * other server at once, with its consistency token.
 */
export async function startFailoverLoad(origins: readonly [string, string]): Promise<FailoverLoad> {
  const ids: string[] = [];
  while (ids.length < CONVERSATIONS) ids.push(await create({ origin: origins[0] }));
  const acknowledged: Acknowledged[] = [];
  const refused = { writes: 0, reads: 0 };
  const faults: unknown[] = [];
  let over = false;

  const persist = async (kind: keyof typeof refused, first: number, request: RequestInit) => {
    for (let server = first % 2; ; server = 1 - server) {
      const sentAt = performance.now();
      const response = await fetch(`${origins[server]}/graphql`, request);
      const body = await response.text();
      const token = response.headers.get("x-consistency-token") ?? "";
      if (response.status === 200) return { server, token, sentAt, data: JSON.parse(body).data };
      expect([response.status, response.headers.get("retry-after")], body).toEqual([503, "1"]);
      refused[kind] += 1;
      await delay(RETRY_MS);
    }
  };
  const readBack = async (server: number, id: string, token: string) => {
    const { headers, ...request } = document(COUNT, { id });
    const { data } = await persist("reads", server, {
      ...request,
      headers: { ...headers, "x-consistency-token": token },
    });
    return data.conversation.turns.totalCount;
  };
  const write = async (writer: number) => {
    const conversationId = ids[writer % CONVERSATIONS] ?? "";
    for (let said = 0; !over; said += 1) {
      const content = `${writer}/${said}`;
      const input = { conversationId, turn: says(content), idempotencyKey: `${conversationId} ${content}` };
      const { server, token, sentAt, data } = await persist("writes", writer, document(APPEND, { input }));
      const { position } = data.appendTurn.turn;
      acknowledged.push({ conversationId, content, position, sentAt, at: performance.now() });
      const shown = await readBack(1 - server, conversationId, token);
      expect(shown, `turns that a read with the token of turn ${position} shows`).toBeGreaterThanOrEqual(position);
      await delay(PAUSE_MS);
    }
  };

  const writing = Array.from({ length: WRITERS }, (_, writer) =>
    write(writer).catch((fault: unknown) => {
      faults.push(fault);
    }),
  );
  const following = origins.flatMap((origin) => [
    followLists({ origin }, ids),
    ...ids.map((id) => followTurns({ origin }, id)),
  ]);
  const check = () => {
    if (faults.length > 0) throw faults[0];
  };
  return {
    acknowledged,
    refused: () => refused,
    watched: () => ({
      watchers: following.length,
      streams: following.reduce((sum, follower) => sum + follower.streams(), 0),
    }),
    check,
    async finish() {
      over = true;
      await Promise.all(writing);
      const last = new Map<string, number>();
      for (const { conversationId: id, position } of acknowledged) last.set(id, Math.max(position, last.get(id) ?? 0));
      const followed = await Promise.allSettled(following.map((follower) => follower.until(last)));
      for (const result of followed) if (result.status === "rejected") faults.push(result.reason);
      check();
    },
  };
}

/** The longest time since the moment in which no write was acknowledged that was sent after it. */
export function longestPause({ acknowledged }: FailoverLoad, since: number): { ms: number; endedAt: number } {
  let longest = { ms: 0, endedAt: since };
  let before = since;
  for (const { sentAt, at } of acknowledged) {
    // A write that was committed before is acknowledged late where its position in the log has to be asked for.
    if (sentAt <= since) continue;
    if (at - before > longest.ms) longest = { ms: at - before, endedAt: at };
    before = at;
  }
  return longest;
}
