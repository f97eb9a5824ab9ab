import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";

import type { Database } from "../../src/store/database/client.ts";
import { connectTo } from "../harness/connect.ts";
import { createDatabase, type TestDatabase } from "../harness/database.ts";
import { startServer } from "../harness/program.ts";
import { watch } from "../harness/watch.ts";
import { append, create, says } from "../harness/writes.ts";

let created: TestDatabase;
let database: Database;
beforeAll(async () => {
  created = await createDatabase();
  database = connectTo(created.url, { poolSize: 2, statementTimeoutMs: 0, lockTimeoutMs: 0 });
});
afterAll(async () => {
  await database.close();
  await created.drop();
});

interface Origin {
  origin: string;
}

/** A server process on the test's database, killed at the test's end. */
async function start(): Promise<Origin & { kill(): Promise<unknown> }> {
  const server = await startServer({ DATABASE_URL: created.url });
  const kill = () => server.stop("SIGKILL");
  onTestFinished(async () => {
    await kill();
  });
  return { origin: new URL(server.url).origin, kill };
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

async function storedPositions(conversationId: string): Promise<number[]> {
  const rows = await database.rows<{ position: number }>(sql`
    SELECT position FROM turns WHERE conversation_id = ${conversationId} ORDER BY position`);
  return rows.map(({ position }) => position);
}

function tell(figure: string): void {
  // biome-ignore lint/suspicious/noConsole: the figures are to be read by whoever runs the tests
  console.info(figure);
}

test("2,000 appends by 20 writers through two processes: positions without gap or duplicate", async () => {
  const servers = [await start(), await start()] as const;
  const conversationId = await create(servers[0]);
  const positions: number[] = [];
  const write = async (server: Origin) => {
    for (let said = 0; said < 100; said += 1) {
      positions.push((await append(server, { conversationId, turn: says(`${said}`) })).position);
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: 20 }, (_, writer) => write(servers[writer % 2 ? 1 : 0])));
  const seconds = (performance.now() - started) / 1000;
  expect(positions.toSorted((a, b) => a - b)).toEqual(upTo(2000));
  expect(await storedPositions(conversationId)).toEqual(upTo(2000));
  tell(`2,000 appends by 20 writers through 2 processes: ${Math.round(2000 / seconds)} a second`);
}, 120_000);

/** Terminates the connections on which both servers listen, once there are both. */
async function killListeners(): Promise<void> {
  const pids = await vi.waitUntil(
    async () => {
      const listening = await database.rows<{ pid: number }>(sql`
        SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query ILIKE 'listen%'`);
      return listening.length === 2 && listening.map(({ pid }) => pid);
    },
    { timeout: 10_000, interval: 5 },
  );
  for (const pid of pids) await database.rows(sql`SELECT pg_terminate_backend(${pid}::integer)`);
}

test("1,000 appends through two processes, their listening connections killed 20 times: a subscriber sees each, in order, once", async () => {
  const servers = [await start(), await start()] as const;
  const conversationId = await create(servers[0]);
  const watchers = [await watch(servers[0], { conversationId }), await watch(servers[1], { conversationId })];
  const seen = Promise.all(watchers.map((watching) => watching.take(1000)));
  const write = async (server: Origin) => {
    for (let said = 0; said < 25; said += 1) await append(server, { conversationId, turn: says(`${said}`) });
  };
  for (let round = 0; round < 20; round += 1) {
    await Promise.all([write(servers[0]), write(servers[1]), killListeners()]);
  }
  const written = performance.now();
  for (const turns of await seen) expect(turns.map(({ position }) => position)).toEqual(upTo(1000));
  const late = Math.round(performance.now() - written);
  // Far less than the time after which a watcher reads without a notification.
  expect(late).toBeLessThan(5_000);
  tell(
    `1,000 appends, 20 losses of the listening connections: 0 lost, 0 twice, the last ${late} ms after it was written`,
  );
  for (const watching of watchers) watching.leave();
}, 120_000);

interface Acknowledged {
  key: string;
  id: string;
  position: number;
}

// A hundred were done once; each is a start of the server.
const KILLS = 30;

test("30 kills with -9 under 4 writers who retry: no acknowledged turn lost, none half-written, no gap", async () => {
  let current = start();
  const conversationId = await create(await current);
  const acknowledged: Acknowledged[] = [];
  let retries = 0;
  let unheard = 0;
  let over = false;

  async function say(key: string): Promise<Acknowledged> {
    const server = await current;
    const turn = {
      role: "ASSISTANT",
      messages: [{ text: { content: key } }, { functionCall: { name: "f", args: { key } } }],
    };
    const asked = Date.now();
    try {
      const { id, position, timestamp } = await append(server, { conversationId, turn, idempotencyKey: key });
      // Said before this call: an earlier one had stored it and was killed before it could answer.
      if (Date.parse(timestamp) < asked) unheard += 1;
      return { key, id, position };
    } catch (error) {
      // What fetch throws when the server is gone. Any answer that is an error fails the test.
      if (!(error instanceof TypeError)) throw error;
      retries += 1;
      return say(key);
    }
  }
  const write = async (writer: number) => {
    for (let said = 0; !over; said += 1) acknowledged.push(await say(`${writer}/${said}`));
  };
  const writing = Promise.all(upTo(4).map(write));

  for (let kills = 0; kills < KILLS; kills += 1) {
    const killed = await current;
    const next = start();
    const enough = acknowledged.length + 1 + (kills % 7);
    await vi.waitUntil(() => acknowledged.length >= enough, { timeout: 10_000, interval: 1 });
    current = next;
    await killed.kill();
    await next;
  }
  over = true;
  await writing;

  const stored = await database.rows<Acknowledged & { first: unknown; second: unknown; count: number }>(sql`
    SELECT k.key, t.id, t.position, t.messages -> 0 ->> 'content' AS first, t.messages -> 1 -> 'args' ->> 'key' AS second,
      json_array_length(t.messages) AS count
    FROM turns t LEFT JOIN idempotency_keys k ON k.project_id = t.project_id AND k.turn_id = t.id
    WHERE t.conversation_id = ${conversationId} ORDER BY t.position`);
  expect(stored.map(({ position }) => position)).toEqual(upTo(stored.length));
  expect(stored).toEqual(
    acknowledged
      .toSorted((a, b) => a.position - b.position)
      .map((turn) => ({ ...turn, first: turn.key, second: turn.key, count: 2 })),
  );
  const survived = `${acknowledged.length} turns acknowledged, 0 lost, 0 twice, no gap`;
  tell(`${KILLS} kills with -9: ${survived}; ${retries} retries found ${unheard} turns stored already`);
}, 200_000);
