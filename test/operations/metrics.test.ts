import { once } from "node:events";
import { request } from "node:http";

import { sql } from "drizzle-orm";
import { pino } from "pino";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";

import { readConfig } from "../../src/config.ts";
import { startServer } from "../../src/server/server.ts";
import { connectTo } from "../harness/connect.ts";
import { MARK, MARKED_REQUESTS, postJson } from "../harness/marked-requests.ts";
import { readMetrics } from "../harness/metrics.ts";
import { startServer as startProgram } from "../harness/program.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { watch } from "../harness/watch.ts";
import { create } from "../harness/writes.ts";

const LIST = "/openai/v1/conversations";
const WAIT = { timeout: 10_000, interval: 20 };

let server: TestServer;
beforeAll(async () => {
  const patience = { LOCK_TIMEOUT_MS: "20000", POOL_TIMEOUT_MS: "20000", STATEMENT_TIMEOUT_MS: "20000" };
  server = await startTestServer({ METRICS: "1", SLOW_READER_MS: "200", ...patience });
});
afterAll(() => server.close());

async function send(path: string, init: RequestInit = {}): Promise<void> {
  await (await fetch(server.origin + path, init)).text();
}

/** How far the samples grew while the work was done; those that did not are left out. */
async function growthOf(work: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = await readMetrics(server.origin);
  await work();
  const grown = [...(await readMetrics(server.origin))].flatMap(([sample, value]) => {
    const growth = value - (before.get(sample) ?? 0);
    return sample.startsWith("conversation_graph_") && growth > 0 ? [[sample, growth]] : [];
  });
  return Object.fromEntries(grown);
}

const requests = (surface: string, operation: string, status: number) =>
  `conversation_graph_requests_total{surface="${surface}",operation="${operation}",status="${status}"}`;
const durations = (surface: string, operation: string) =>
  `conversation_graph_request_duration_seconds_count{surface="${surface}",operation="${operation}"}`;
const errors = (surface: string, code: string) =>
  `conversation_graph_errors_total{surface="${surface}",code="${code}"}`;

test("requests are counted by surface, type of operation and status, and their durations by the first two", async () => {
  const growth = await growthOf(async () => {
    await create(server);
    await create(server);
    await send("/graphql?query={__typename}");
    await send("/graphql", postJson("{ nothing }"));
    await send(LIST);
    await send("/api/v1/agents/a/conversations");
    await send("/nowhere");
    await send("/health/live");
  });
  expect(growth).toMatchObject({
    [requests("graphql", "mutation", 200)]: 2,
    [requests("graphql", "query", 200)]: 1,
    [requests("graphql", "", 200)]: 1,
    [requests("foundry", "query", 200)]: 1,
    [requests("fixie", "query", 200)]: 1,
    [requests("unknown", "", 404)]: 1,
    [requests("health", "", 200)]: 1,
    [durations("graphql", "mutation")]: 2,
    [durations("foundry", "query")]: 1,
  });
});

test("documents are counted by the form that answered them, those of the lists too", async () => {
  const growth = await growthOf(async () => {
    // A list of turns below a turn has no compiled form.
    await send(
      "/graphql",
      postJson("{ conversations { nodes { turns { nodes { conversation { turns { totalCount } } } } } } }"),
    );
    await create(server);
    await send("/graphql", postJson("{ conversations { totalCount } }"));
    await send("/graphql", postJson("{ conversations { totalCount } }"));
    await send("/graphql", postJson("{ conversations(first: -1) { totalCount } }"));
    await send("/graphql", postJson("{ nothing }"));
    await send(LIST);
    await send("/api/v1/agents/a/conversations");
  });
  expect(growth).toMatchObject({
    'conversation_graph_documents_total{form="resolved"}': 3,
    'conversation_graph_documents_total{form="compiled"}': 4,
  });
});

test("errors are counted by code, whatever the surface calls them", async () => {
  const growth = await growthOf(async () => {
    await send("/graphql", postJson("{ nothing more }"));
    await send("/graphql", postJson('{ a: conversation(id: "x") { turns(first: -1) { totalCount } } }'));
    await send("/graphql", postJson("{ conversations(first: -1) { totalCount } }"));
    await send("/graphql", { method: "POST", headers: { "content-type": "text/plain" }, body: "{}" });
    await send(`${LIST}?after=conv_none`);
    await send(`${LIST}?limit=x`);
    await send(LIST, { method: "PUT" });
    await send("/api/v1/agents/a/conversations?limit=x");
  });
  expect(growth).toMatchObject({
    [errors("graphql", "GRAPHQL_VALIDATION_FAILED")]: 2,
    [errors("graphql", "BAD_USER_INPUT")]: 1,
    [errors("graphql", "UNSUPPORTED_MEDIA_TYPE")]: 1,
    [errors("foundry", "NOT_FOUND")]: 1,
    [errors("foundry", "BAD_USER_INPUT")]: 1,
    [errors("foundry", "METHOD_NOT_ALLOWED")]: 1,
    [errors("fixie", "BAD_USER_INPUT")]: 1,
  });
});

test("what runs and what waits in the pool is told while the database holds everything up", async () => {
  let answers: Promise<Response[]> | undefined;
  await server.database.transaction(async (transaction) => {
    await transaction.rows(sql`LOCK TABLE conversations IN ACCESS EXCLUSIVE MODE`);
    answers = Promise.all(Array.from({ length: 6 }, () => fetch(server.origin + LIST)));
    const pool = async () => {
      const samples = await readMetrics(server.origin);
      const [size, used = 0, waiting = 0] = ["size", "used", "waiting"].map((name) =>
        samples.get(`conversation_graph_pool_${name}{database="primary"}`),
      );
      return { size, all: used + waiting, isWaiting: waiting >= 3 };
    };
    // Six lists and the lock's own. How many of them run depends on which other callers came recently.
    await expect.poll(pool, WAIT).toEqual({ size: 4, all: 7, isWaiting: true });
  });
  expect((await answers)?.map(({ status }) => status)).toEqual(Array(6).fill(200));
});

test("the pool of each replica is told under its host", async () => {
  const replicated = await startProgram({ DATABASE_URL: server.url, DATABASE_REPLICA_URLS: server.url, METRICS: "1" });
  const samples = await readMetrics(new URL(replicated.url).origin);
  await replicated.stop("SIGTERM");
  for (const database of ["primary", new URL(server.url).host]) {
    expect(samples.get(`conversation_graph_pool_size{database="${database}"}`)).toBe(10);
  }
});

test("open subscriptions are told, and what a subscription lasted when it ended", async () => {
  const conversationId = await create(server);
  const open = async () => (await readMetrics(server.origin)).get("conversation_graph_subscriptions");
  const watching = [await watch(server, { conversationId }), await watch(server, { conversationId })];
  await expect.poll(open, WAIT).toBe(2);
  for (const one of watching) one.leave();
  await expect.poll(open, WAIT).toBe(0);
  const ended = async () => (await readMetrics(server.origin)).get(durations("graphql", "subscription"));
  await expect.poll(ended, WAIT).toBe(2);
});

test("a reader that takes nothing is dropped, and counted once", async () => {
  const id = await create(server, { agent: { name: "a" } });
  await server.database.rows(sql`
    WITH head AS (UPDATE conversation_heads SET turn_count = 200, revision = 200 WHERE conversation_id = ${id})
    INSERT INTO turns (project_id, id, conversation_id, position, revision, role, state, timestamp, messages)
    SELECT 'default', 'turn_' || n, ${id}, n, n, 'user', 'done', now(),
      json_build_array(json_build_object('kind', 'text', 'content', repeat('x', 200000), 'state', 'done'))
    FROM generate_series(1, 200) AS n`);
  const growth = await growthOf(async () => {
    const sent = request(`${server.origin}/api/v1/agents/a/conversations`);
    const [response] = await once(sent.end(), "response");
    response.on("error", () => {});
    const dropped = async () => (await readMetrics(server.origin)).get("conversation_graph_slow_readers_dropped_total");
    await expect.poll(dropped, WAIT).toBeGreaterThan(0);
  });
  expect(growth).toMatchObject({ conversation_graph_slow_readers_dropped_total: 1 });
});

test("nothing that a caller chooses is in a label, so that callers cannot make more of them", async () => {
  for (const [, path, init] of MARKED_REQUESTS) await send(path, init);
  // Which kinds of collections there were is Node's matter.
  const read = async () =>
    [...(await readMetrics(server.origin)).keys()].filter((name) => !name.startsWith("nodejs_gc_"));
  const samples = await read();
  expect(samples.join("\n")).not.toContain(MARK);
  for (const name of ["One", "Two", "Three"]) await send("/graphql", postJson(`query ${name} { __typename }`));
  await send("/graphql", { ...postJson(`query ${MARK} { __typename }`), headers: { "content-type": "text/mark" } });
  expect(await read()).toEqual(samples);
});

test("the text is Prometheus', with what the process uses", async () => {
  const response = await fetch(`${server.origin}/metrics`);
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  const text = await response.text();
  for (const line of text.split("\n")) {
    if (line !== "")
      expect(line).toMatch(
        /^(# (HELP|TYPE) \w+ .+|\w+(\{\w+="[^"\n]*"(,\w+="[^"\n]*")*\})? (-?[\d.e+-]+|NaN|Nan|[+-]Inf))$/,
      );
  }
  for (const name of ["process_resident_memory_bytes", "nodejs_eventloop_lag_p99_seconds", "process_open_fds"]) {
    expect(text).toContain(`\n${name} `);
  }
});

test("metrics need no database", async () => {
  const url = "postgres://nobody@127.0.0.1:1/none";
  const away = connectTo(url);
  const config = readConfig({ PORT: "0", DATABASE_URL: url, METRICS: "1" });
  const alone = await startServer({ config, database: away, log: pino({ level: "silent" }) });
  onTestFinished(async () => {
    await alone.close();
    await away.close();
  });
  const { origin } = new URL(alone.url);
  expect((await fetch(origin + LIST)).status).toBe(503);
  const samples = await readMetrics(origin);
  expect(samples.get(errors("foundry", "SERVICE_UNAVAILABLE"))).toBe(1);
  expect(samples.get(requests("foundry", "", 503))).toBe(1);
});

test("while no key exists, metrics too are served under loopback hosts only", async () => {
  const status = await new Promise((resolve, reject) => {
    request(`${server.origin}/metrics`, { headers: { host: "rebound.example" } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on("error", reject)
      .end();
  });
  expect(status).toBe(403);
});

test("without the setting there is nothing at /metrics", async () => {
  const plain = await startTestServer();
  onTestFinished(plain.close);
  expect((await fetch(`${plain.origin}/metrics`)).status).toBe(404);
});
