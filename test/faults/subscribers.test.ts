import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import { createInterface } from "node:readline";

import { afterAll, beforeAll, expect, test, vi } from "vitest";

import { append, create, says } from "../harness/writes.ts";
import { call, document, quantile, tell } from "./callers.ts";
import { handlesOf, memoryOf } from "./process-state.ts";
import { type Stage, setStage } from "./stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage.close());

const READERS = 900;
const STUCK = 100;
const ROUNDS = 5;
const SLOW_READER_MS = 3000;

const WATCH = `subscription ($id: ID!, $after: Int) { turnChanged(conversationId: $id, afterRevision: $after) {
  turn { position messages { ... on TextFragment { content } } }
} }`;

/** Subscribes over a connection of its own; resolves when the server has accepted. Nothing is read by then. */
async function subscribe(origin: string, id: string, after: number | null): Promise<IncomingMessage> {
  const headers = { "content-type": "application/json", accept: "text/event-stream" };
  const sent = request(`${origin}/graphql`, { method: "POST", headers, agent: new Agent() });
  sent.end(document(WATCH, { id, after }).body);
  const [response] = await once(sent, "response");
  return response;
}

/** Stores turns of 4 kB each in a conversation that has none yet. */
async function fill(id: string, turns: number): Promise<void> {
  await stage.admin`
    WITH head AS (UPDATE conversation_heads SET turn_count = ${turns}, revision = ${turns} WHERE conversation_id = ${id})
    INSERT INTO turns (project_id, id, conversation_id, position, revision, role, state, timestamp, messages)
    SELECT 'default', 'turn_' || ${id} || n, ${id}, n, n, 'user', 'done', now(),
      json_build_array(json_build_object('kind', 'text', 'content', repeat('x', 4000), 'state', 'done'))
    FROM generate_series(1, ${turns}::integer) AS n`;
}

test("1,000 subscribers of which 100 never read: those are dropped, the others hear of each turn, memory is bounded", async () => {
  const { origin, pid } = await stage.serve({ SLOW_READER_MS: String(SLOW_READER_MS) });
  const id = await create({ origin });
  const before = 2000;
  await fill(id, before);
  const heard: number[][] = Array.from({ length: ROUNDS }, () => []);
  const sentAt: number[] = [];
  for (let started = 0; started < READERS; started += 100) {
    await Promise.all(
      Array.from({ length: 100 }, async () => {
        const response = await subscribe(origin, id, null);
        // Killed at the end, the server breaks the stream off.
        response.on("error", () => {});
        createInterface(response)
          .on("error", () => {})
          .on("line", (line) => {
            const [, position] = /"position":(\d+)/.exec(line) ?? [];
            if (position === undefined) return;
            const round = Number(position) - before - 1;
            heard[round]?.push(performance.now() - (sentAt[round] ?? Number.NaN));
          });
      }),
    );
  }
  const handles = handlesOf(pid);
  // Eight megabytes each, far more than sockets hold.
  const stuck = await Promise.all(Array.from({ length: STUCK }, () => subscribe(origin, id, 0)));
  for (const response of stuck) response.on("error", () => {});
  const stuckAt = performance.now();

  for (let round = 0; round < ROUNDS; round += 1) {
    sentAt[round] = performance.now();
    await append({ origin }, { conversationId: id, turn: says("x") });
    await vi.waitUntil(() => heard[round]?.length === READERS, { timeout: 20_000, interval: 5 });
  }
  await vi.waitUntil(() => handlesOf(pid) < handles + STUCK / 2, { timeout: 30_000, interval: 50 });
  const droppedAfter = performance.now() - stuckAt;
  const { peak } = memoryOf(pid);
  const slowest = heard.map((times) => Math.max(...times));
  // Each stuck stream holds a page of its turns at most, and every stream some machinery of its own.
  expect(peak).toBeLessThan(1024);
  expect((await call(`${origin}/health/live`)).status).toBe(200);
  tell(
    `${READERS} subscribers heard of ${ROUNDS} turns, half of them within ${Math.round(quantile(heard.flat(), 0.5))} ms, ` +
      `all within ${Math.round(Math.max(...slowest))} ms; ${STUCK} that never read dropped ` +
      `${Math.round(droppedAfter)} ms after they came; ${Math.round(peak)} MB at most`,
  );
}, 120_000);
