import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";

import { append, create, says } from "../harness/writes.ts";
import { call, document, quantile, tell } from "./callers.ts";
import { handlesOf, memoryOf, waitedForProcessor } from "./process-state.ts";
import { type ServerProcess, type Stage, setStage } from "./stage.ts";
import type { Heard, Subscribe } from "./subscriber-process.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage.close());

const READERS = 900;
const STUCK = 100;
const ROUNDS = 5;
const SLOW_READER_MS = 3000;
const TURNS = 2000;

const WATCH = `subscription ($id: ID!, $after: Int) { turnChanged(conversationId: $id, afterRevision: $after) {
  turn { position messages { ... on TextFragment { content } } }
} }`;

/** Stores turns of 4 kB each in a conversation that has none yet. */
async function fill(id: string): Promise<void> {
  await stage.admin`
    WITH head AS (UPDATE conversation_heads SET turn_count = ${TURNS}, revision = ${TURNS} WHERE conversation_id = ${id})
    INSERT INTO turns (project_id, id, conversation_id, position, revision, role, state, timestamp, messages)
    SELECT 'default', 'turn_' || ${id} || n, ${id}, n, n, 'user', 'done', now(),
      json_build_array(json_build_object('kind', 'text', 'content', repeat('x', 4000), 'state', 'done'))
    FROM generate_series(1, ${TURNS}::integer) AS n`;
}

function startSubscribers(): ChildProcess {
  const subscribers = fork(new URL("subscriber-process.ts", import.meta.url));
  onTestFinished(() => {
    subscribers.kill();
  });
  return subscribers;
}

async function subscribe(subscribers: ChildProcess, asked: Subscribe): Promise<void> {
  subscribers.send(asked);
  const [told] = await once(subscribers, "message");
  expect(told).toBe("subscribed");
}

interface Round {
  /** How many milliseconds after the append was sent each of the readers had the turn. */
  times: number[];
  /** How many milliseconds of it the three processes waited for other processes of the machine. */
  waited: number;
}

async function appendTo(subscribers: ChildProcess, { origin, pid }: ServerProcess, id: string): Promise<Round> {
  const processes = [process.pid, pid, subscribers.pid ?? 0];
  const waited = () => processes.map(waitedForProcessor).reduce((sum, ms) => sum + ms);
  const heard = once(subscribers, "message", { signal: AbortSignal.timeout(20_000) });
  const sentAt = Date.now();
  const before = waited();
  const { position } = await append({ origin }, { conversationId: id, turn: says("x") });
  const [all]: Heard[] = await heard;
  expect(all?.position).toBe(position);
  return { times: (all?.at ?? []).map((at) => at - sentAt), waited: waited() - before };
}

test("1,000 subscribers of which 100 never read: those are dropped, the others hear of a turn within 250 ms, memory is bounded", async () => {
  const server = await stage.serve({ SLOW_READER_MS: String(SLOW_READER_MS) });
  const { origin, pid } = server;
  const id = await create({ origin });
  await fill(id);
  const subscribers = startSubscribers();
  const bodyFor = (after: number | null) => String(document(WATCH, { id, after }).body);
  await subscribe(subscribers, { origin, body: bodyFor(null), count: READERS, reading: true });
  const handles = handlesOf(pid);
  // Eight megabytes each, far more than sockets hold.
  await subscribe(subscribers, { origin, body: bodyFor(0), count: STUCK, reading: false });
  const stuckAt = performance.now();

  const rounds: Round[] = [];
  const appendSome = async () => {
    for (let round = 0; round < ROUNDS; round += 1) rounds.push(await appendTo(subscribers, server, id));
  };
  await appendSome();
  expect(handlesOf(pid)).toBeGreaterThan(handles + STUCK / 2);
  await vi.waitUntil(() => handlesOf(pid) <= handles, { timeout: 60_000, interval: 50 });
  const droppedAfter = performance.now() - stuckAt;
  await appendSome();

  const { peak } = memoryOf(pid);
  const slowest = rounds.map(({ times }) => Math.max(...times));
  const own = rounds.map(({ times, waited }) => Math.max(...times) - waited);
  tell(
    `${READERS} subscribers heard of ${rounds.length} turns: half of them within ` +
      `${quantile(
        rounds.flatMap(({ times }) => times),
        0.5,
      )} ms, all within ${slowest.join(", ")} ms ` +
      `(${own.map(Math.round).join(", ")} ms without what other processes took); ${STUCK} that never read ` +
      `dropped ${Math.round(droppedAfter)} ms after they came; ${Math.round(peak)} MB at most`,
  );
  expect(rounds.map(({ times }) => times.length)).toEqual(rounds.map(() => READERS));
  // Of a round in which a full collection falls, or the scheduler lets a process wait for an interrupt, only that it ends soon.
  expect(quantile(own, 0.5)).toBeLessThan(250);
  for (const ms of own) expect(ms).toBeLessThan(1000);
  // Half of it is used before the first subscriber; the garbage of a hundred that catch up is collected late.
  expect(peak).toBeLessThan(640);
  expect((await call(`${origin}/health/live`)).status).toBe(200);
}, 120_000);
