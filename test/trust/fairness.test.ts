import { setTimeout as delay } from "node:timers/promises";

import { sql } from "drizzle-orm";
import { afterEach, beforeEach, expect, test } from "vitest";

import type { Database } from "../../src/store/database/client.ts";
import { createKey } from "../../src/store/keys/keys.ts";
import { connectTo } from "../harness/connect.ts";
import { post } from "../harness/graphql.ts";
import { readMetrics } from "../harness/metrics.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

// A lock holds up every statement that is sent, so that the connections of each caller can be counted: there are four.

const WAIT = { timeout: 10_000, interval: 20 };
const LIST = "{ conversations { nodes { id } } }";
const ALIASES = Array.from({ length: 15 }, (_, index) => `a${index}: conversations { nodes { id } }`);
const CREATE = "mutation { createConversation(input: {}) { conversation { id } } }";

let server: TestServer;
let admin: Database;
let keys: string[];
// For each test a server that has not seen another caller recently.
beforeEach(async () => {
  server = await startTestServer({ METRICS: "1", LOCK_TIMEOUT_MS: "30000", STATEMENT_TIMEOUT_MS: "30000" });
  admin = connectTo(server.url, { statementTimeoutMs: 0 });
  keys = [];
  for (const note of ["one", "other", "third"]) keys.push(await createKey(admin, "default", "project", note));
});
afterEach(async () => {
  await admin.close();
  await server.close();
});

const as = (key: number, user?: string): Record<string, string> => ({
  "api-key": keys[key] ?? "",
  ...(user !== undefined && { "x-ms-user-isolation-key": user }),
});
const send = (document: string, headers: Record<string, string>, times = 1) =>
  Array.from({ length: times }, () => post(server, document, {}, headers));

async function pool(): Promise<(number | undefined)[]> {
  const samples = await readMetrics(server.origin);
  return ["used", "waiting"].map((name) => samples.get(`conversation_graph_pool_${name}{database="primary"}`));
}

/** Sends requests while nothing can be read, waits until so many statements run and wait, and looks at the answers. */
async function holdUp(steps: [() => Promise<unknown>[] | Promise<[]>, used: number, waiting: number][]): Promise<void> {
  const sent: Promise<unknown>[] = [];
  await admin.transaction(async (transaction) => {
    await transaction.rows(sql`LOCK TABLE conversations IN ACCESS EXCLUSIVE MODE`);
    for (const [step, used, waiting] of steps) {
      sent.push(...(await step()));
      await expect.poll(pool, WAIT).toEqual([used, waiting]);
    }
  });
  for (const answer of await Promise.all(sent)) expect(answer).toMatchObject({ data: expect.any(Object) });
}

test("a request runs two statements at a time, and what it holds back waits for no connection", async () => {
  await holdUp([[() => send(`{ ${ALIASES.join(" ")} }`, as(0)), 2, 0]]);
});

test("one key takes half of the connections while another was seen, reads and writes alike, and the other one finds some", async () => {
  await Promise.all(send(LIST, as(1)));
  await holdUp([
    [() => [...send(LIST, as(0), 3), ...send(CREATE, as(0), 3)], 2, 4],
    [() => send(CREATE, as(1)), 3, 4],
  ]);
});

test("callers who have all that they may leave the server what it needs to answer the others", async () => {
  await holdUp([
    [() => [0, 1, 2].flatMap((key) => send(LIST, as(key))), 3, 0],
    // Longer than keys are known without asking for them.
    [() => delay(1000, []), 3, 0],
    [() => [post(server, "{ __typename }", {}, as(0)), ...send(LIST, as(1), 2)], 3, 2],
  ]);
});

test("so does one user of a key", async () => {
  await Promise.all(send(LIST, as(0, "two")));
  await holdUp([
    [() => send(LIST, as(0, "one"), 4), 2, 2],
    [() => send(LIST, as(0, "two")), 3, 2],
  ]);
});
