import { createHash } from "node:crypto";

import { afterAll, beforeAll, expect, test } from "vitest";

import { createKey, listKeys, revokeKey } from "../../src/store/keys/keys.ts";
import { connectTo } from "../harness/connect.ts";
import { createDatabase, type TestDatabase } from "../harness/database.ts";
import { readMetrics } from "../harness/metrics.ts";
import { type RunningServer, startServer } from "../harness/program.ts";
import { watch } from "../harness/watch.ts";
import { ALONE, logOf, type WorkersLog } from "../harness/workers.ts";
import { append, create, says } from "../harness/writes.ts";

const WAIT = { timeout: 20_000, interval: 50 };
const QUERY = "{ conversations { totalCount } }";

let database: TestDatabase;
let server: RunningServer & { origin: string };
let log: WorkersLog;
const headers: Record<string, string> = { ...ALONE };
beforeAll(async () => {
  database = await createDatabase();
  headers.authorization = `Bearer ${await newKey("first")}`;
  const started = await startServer({ DATABASE_URL: database.url, WORKERS: "2", METRICS: "1", LOG_LEVEL: "info" });
  server = { ...started, origin: new URL(started.url).origin };
  log = logOf(server);
});
afterAll(async () => {
  await server.stop("SIGKILL");
  await database.drop();
});

async function newKey(note: string): Promise<string> {
  const own = connectTo(database.url);
  try {
    return await createKey(own, "shop", "project", note);
  } finally {
    await own.close();
  }
}

/** Sends the body on a connection of its own. */
async function send(body: unknown, more: Record<string, string> = {}): Promise<Response> {
  const sent = { ...headers, "content-type": "application/json", ...more };
  return fetch(server.url, { method: "POST", headers: sent, body: JSON.stringify(body) });
}

test("a watcher hears of what is written through any worker", async () => {
  const conversationId = await create(server, {}, headers);
  const watching = await watch(server, { conversationId }, headers);
  const said = [];
  for (const text of ["one", "two", "three", "four"]) {
    said.push(await append(server, { conversationId, turn: says(text) }, headers));
  }
  expect((await watching.take(4)).map(({ id }) => id)).toEqual(said.map(({ id }) => id));
  watching.leave();
  expect(new Set(log.linesOf("request").map(({ pid }) => pid)).size).toBe(2);
});

test("a document that was sent with its hash over one connection is asked for by it over any", async () => {
  const sha256Hash = createHash("sha256").update(QUERY).digest("hex");
  const extensions = { persistedQuery: { version: 1, sha256Hash } };
  const answer = { data: { conversations: { totalCount: 1 } } };
  expect(await (await send({ query: QUERY, extensions })).json()).toEqual(answer);
  const byHash = async () => (await send({ extensions })).json();
  // Of two in a row one comes to the worker that was not sent it.
  await expect.poll(async () => [await byHash(), await byHash()], WAIT).toEqual([answer, answer]);
});

test("a user has one name in the log, whichever worker answers", async () => {
  for (let asked = 0; asked < 4; asked += 1) {
    await (await send({ query: "query Named { __typename }" }, { "x-ms-user-isolation-key": "ada" })).text();
  }
  const named = () => log.linesOf("request").filter(({ user }) => user !== undefined);
  await expect.poll(() => named().length, WAIT).toBe(4);
  expect(new Set(named().map(({ user }) => user)).size).toBe(1);
  expect(new Set(named().map(({ pid }) => pid)).size).toBe(2);
});

test("metrics are those of all workers, and do not fall when one of them dies", async () => {
  const sample = 'conversation_graph_requests_total{surface="graphql",operation="query",status="200"}';
  const read = async () => (await readMetrics(server.origin)).get(sample) ?? 0;
  const before = await read();
  for (let asked = 0; asked < 4; asked += 1) await (await send({ query: "{ __typename }" })).text();
  expect(await read()).toBe(before + 4);
  const samples = await readMetrics(server.origin);
  // Two of the ten are the starting process' own.
  expect(samples.get('conversation_graph_pool_size{database="primary"}')).toBe(8);
  const stored = async () => (await readMetrics(server.origin)).get("conversation_graph_conversations");
  await expect.poll(stored, WAIT).toBe(1);
  process.kill(log.pidsOf("request")[0] ?? 0, "SIGKILL");
  await expect.poll(() => log.find("a worker listens again"), WAIT).toBeDefined();
  expect(await read()).toBe(before + 4);
});

test("a key that is revoked opens no worker any more", async () => {
  const authorization = `Bearer ${await newKey("second")}`;
  const statuses = async () => {
    const found = [];
    for (let asked = 0; asked < 4; asked += 1) found.push((await send({ query: QUERY }, { authorization })).status);
    return found;
  };
  await expect.poll(statuses, WAIT).toEqual([200, 200, 200, 200]);
  const own = connectTo(database.url);
  const key = (await listKeys(own)).find(({ note }) => note === "second");
  await revokeKey(own, key?.id ?? "");
  await own.close();
  await expect.poll(statuses, WAIT).toEqual([401, 401, 401, 401]);
});

test("when the process that started them is killed, the workers end by themselves", async () => {
  // The outcome comes when no process has its output open any more.
  await server.stop("SIGKILL");
  await expect(fetch(`${server.origin}/health/live`)).rejects.toThrow();
});
