import { setTimeout as delay } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

import { call, document, envelopeOf, READS, tell } from "./callers.ts";
import { countRunning, type Stage, setStage, whileTablesLocked } from "./stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage.close());

const SURFACES = ["graphql", "foundry", "fixie"];
const MARGIN_MS = 250;
const TABLES = ["conversations", "turns"];

const callAll = (origin: string) => Promise.all(READS.map((read) => read(origin)));
const untilRunning = (count: number) =>
  vi.waitUntil(async () => (await countRunning(stage.admin)) >= count, { timeout: 5000, interval: 5 });
const untilNoneRuns = () =>
  vi.waitUntil(async () => (await countRunning(stage.admin)) === 0, { timeout: 5000, interval: 5 });

describe("what a request waits for at most", () => {
  test.each([
    ["a lock", 503, 400, { LOCK_TIMEOUT_MS: "400" }],
    ["a statement", 504, 600, { STATEMENT_TIMEOUT_MS: "600", LOCK_TIMEOUT_MS: "60000" }],
  ])("%s: %i within its limit", async (_name, status, limitMs, env) => {
    const { origin } = await stage.serve(env);
    await callAll(origin);
    await whileTablesLocked(stage.admin, TABLES, async () => {
      for (const [index, answer] of (await callAll(origin)).entries()) {
        expect(answer.status, answer.body).toBe(status);
        expect(envelopeOf(answer.body)).toBe(SURFACES[index]);
        expect(answer.ms).toBeGreaterThan(limitMs - 50);
        expect(answer.ms).toBeLessThan(limitMs + MARGIN_MS);
      }
    });
    expect((await callAll(origin)).map((answer) => answer.status)).toEqual([200, 200, 200]);
  });

  test("a connection of the pool: 503 within its limit", async () => {
    const { origin } = await stage.serve({ POOL_SIZE: "2", POOL_TIMEOUT_MS: "500", LOCK_TIMEOUT_MS: "60000" });
    await callAll(origin);
    await whileTablesLocked(stage.admin, TABLES, async () => {
      const holding = [READS[1]?.(origin), READS[1]?.(origin)];
      await untilRunning(2);
      for (const [index, answer] of (await callAll(origin)).entries()) {
        expect(answer.status, answer.body).toBe(503);
        expect(envelopeOf(answer.body)).toBe(SURFACES[index]);
        expect(answer.ms).toBeLessThan(500 + MARGIN_MS);
      }
      expect((await Promise.all(holding)).map((answer) => answer?.status)).toEqual([504, 504]);
    });
    expect((await callAll(origin)).map((answer) => answer.status)).toEqual([200, 200, 200]);
  });
});

const MUTATION = "mutation { createConversation(input: {}) { conversation { id } } }";
const graphql = (body: string, type = "application/json") => ({
  method: "POST",
  headers: { "content-type": type, accept: "application/graphql-response+json" },
  body,
});

// Faults of a request that need no knowledge of its sender.
const WITHOUT_DATABASE: [number, string, RequestInit?][] = [
  [200, "/health/live"],
  [404, "/openai/v2/conversations"],
  [405, "/openai/v1/conversations", { method: "PUT" }],
  [405, "/api/v1/agents/a/conversations", { method: "DELETE" }],
  [405, "/graphql", { method: "PUT" }],
  [405, `/graphql?query=${encodeURIComponent(MUTATION)}`],
  [413, "/graphql", document(`{ ${"x".repeat(1_100_000)} }`)],
  [415, "/graphql", graphql("{}", "text/plain")],
  [400, "/graphql", graphql("{")],
  [400, "/graphql", graphql("[]")],
  [400, "/graphql", graphql("{}")],
  [400, "/graphql", graphql('{"query":"{ conversations("}')],
  [400, "/graphql", graphql('{"query":"query A { a } query B { b }"}')],
  [400, "/graphql?variables=1&query={conversations{totalCount}}"],
  [400, "/openai/v1/conversations?limit=x"],
  [400, "/api/v1/agents/a/conversations?limit=x"],
];

async function expectAnswersAtOnce(origin: string): Promise<void> {
  const answers = await Promise.all(WITHOUT_DATABASE.map(([, path, init]) => call(origin + path, init)));
  expect(answers.map(({ status }) => status)).toEqual(WITHOUT_DATABASE.map(([status]) => status));
  const slowest = Math.max(...answers.map(({ ms }) => ms));
  expect(slowest).toBeLessThan(MARGIN_MS);
  tell(`answered without the database: the slowest of ${answers.length} in ${Math.round(slowest)} ms`);
}

test("liveness and errors of URL, method, media type, size and syntax are answered while no connection can be had", async () => {
  const { origin } = await stage.serve({ POOL_SIZE: "1", POOL_TIMEOUT_MS: "60000", LOCK_TIMEOUT_MS: "60000" });
  await callAll(origin);
  await whileTablesLocked(stage.admin, [...TABLES, "keys"], async () => {
    // Until then the server knows from its last look which keys there are.
    await delay(1000);
    const waiting = READS[1]?.(origin);
    await untilRunning(1);
    await expectAnswersAtOnce(origin);
    expect((await waiting)?.status).toBe(504);
  });
});

test("liveness and errors of URL, method, media type, size and syntax are answered while the database is stopped", async () => {
  const { origin, process } = await stage.serve();
  await callAll(origin);
  await stage.cluster.crash();
  try {
    await delay(1000);
    expect((await callAll(origin)).map(({ status }) => status)).toEqual([503, 503, 503]);
    await expectAnswersAtOnce(origin);
    expect(process.exitCode).toBeNull();
  } finally {
    await stage.cluster.start();
  }
});

test.each([
  ["GraphQL", "/graphql", document("{ conversations(first: 5) { nodes { id turns(first: 3) { nodes { id } } } } }")],
  ["Foundry", "/openai/v1/conversations", {}],
  ["Fixie", "/api/v1/agents/a/conversations", {}],
])("a %s client that goes away: its statement is cancelled within 250 ms", async (surface, path, init) => {
  const { origin } = await stage.serve({ LOCK_TIMEOUT_MS: "60000", STATEMENT_TIMEOUT_MS: "60000" });
  await callAll(origin);
  await whileTablesLocked(stage.admin, TABLES, async () => {
    await untilNoneRuns();
    const leaving = new AbortController();
    const left = fetch(origin + path, { ...init, signal: leaving.signal }).catch((error: Error) => error.name);
    await untilRunning(1);
    const leftAt = performance.now();
    leaving.abort();
    await untilNoneRuns();
    const took = performance.now() - leftAt;
    expect(took).toBeLessThan(MARGIN_MS);
    expect(await left).toBe("AbortError");
    tell(`the statement of a ${surface} client that left was cancelled after ${Math.round(took)} ms`);
  });
  expect((await callAll(origin)).map((answer) => answer.status)).toEqual([200, 200, 200]);
});
