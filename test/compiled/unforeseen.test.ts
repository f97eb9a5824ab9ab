import { pino } from "pino";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { readConfig } from "../../src/config.ts";
import { ApiError } from "../../src/model/errors.ts";
import { type RunningServer, startServer } from "../../src/server/server.ts";
import { connectTo } from "../harness/connect.ts";
import { conversation, store } from "../harness/conversations.ts";
import { createDatabase } from "../harness/database.ts";
import { readMetrics } from "../harness/metrics.ts";

// What the compiled form fails with while it reads. A fault of its own must be seen, although the answer does not show it.

let server: RunningServer;
let origin: string;
let close: () => Promise<void>;
let failure: Error;
let logged: { requestId?: string; err?: { type?: string; message?: string } }[] = [];

beforeAll(async () => {
  const { url, drop } = await createDatabase();
  const database = connectTo(url);
  await store(database, [conversation("c")]);
  const config = readConfig({ PORT: "0", DATABASE_URL: url, METRICS: "1" });
  const failing: typeof database = { ...database, readBytes: () => Promise.reject(failure) };
  const log = pino({ level: "error" }, { write: (line) => void logged.push(JSON.parse(line)) });
  server = await startServer({ config, database: failing, log });
  origin = new URL(server.url).origin;
  close = async () => {
    await server.close();
    await database.close();
    await drop();
  };
});
beforeEach(() => {
  logged = [];
});
afterAll(() => close());

async function ask(): Promise<{ status: number; text: string; requestId: string | null }> {
  const response = await fetch(`${origin}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: "{ conversations { nodes { id } } }" }),
  });
  return { status: response.status, text: await response.text(), requestId: response.headers.get("x-request-id") };
}

async function countForms(): Promise<Record<string, number>> {
  const samples = await readMetrics(origin);
  const count = (form: string) => samples.get(`conversation_graph_documents_total{form="${form}"}`) ?? 0;
  return { compiled: count("compiled"), resolved: count("resolved") };
}

test("an error that nobody foresaw is logged, and the resolvers answer", async () => {
  failure = new TypeError("a fault of the compiled form");
  // The second time the document goes past the pipeline first, and then through it.
  for (const times of [1, 2]) {
    const before = await countForms();
    logged = [];
    const { status, text, requestId } = await ask();
    expect([status, text]).toEqual([200, '{"data":{"conversations":{"nodes":[{"id":"c"}]}}}']);
    expect(logged).toHaveLength(times);
    expect(logged[0]).toMatchObject({ requestId, err: { message: failure.message } });
    expect(await countForms()).toEqual({ ...before, resolved: (before.resolved ?? 0) + 1 });
  }
});

test("an error of the database is the answer, and logged once", async () => {
  failure = new ApiError("SERVICE_UNAVAILABLE", "Away.", undefined, { cause: new Error("away") });
  const { status, text } = await ask();
  expect(status).toBe(503);
  expect(text).toContain("Away.");
  expect(logged.map(({ err }) => err?.message)).toEqual(["away"]);
});

test("a REST list fails with what nobody foresaw, and its cause is logged", async () => {
  failure = new TypeError("a fault of the compiled form");
  const response = await fetch(`${origin}/openai/v1/conversations`);
  expect(response.status).toBe(500);
  expect(logged.map(({ err }) => err?.message)).toEqual([failure.message]);
});
