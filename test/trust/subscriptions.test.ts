import { setTimeout as delay } from "node:timers/promises";

import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";

import { createKey } from "../../src/store/keys/keys.ts";
import { readMetrics } from "../harness/metrics.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { watch } from "../harness/watch.ts";
import { append, create, says } from "../harness/writes.ts";

const MOST = 4;
const WAIT = { timeout: 5000, interval: 10 };

let server: TestServer;
let conversationId: string;
let keys: string[];
beforeAll(async () => {
  server = await startTestServer({ MAX_SUBSCRIPTIONS: String(MOST), METRICS: "1" });
  keys = [];
  for (const note of ["one", "other"]) keys.push(await createKey(server.database, "default", "project", note));
  conversationId = await create(server, {}, as(0));
});
afterAll(() => server.close());
beforeEach(async () => {
  await expect.poll(countOpen, WAIT).toBe(0);
});

const as = (key: number, user?: string): Record<string, string> => ({
  "api-key": keys[key] ?? "",
  ...(user !== undefined && { "x-ms-user-isolation-key": user }),
});
const countOpen = async () => (await readMetrics(server.origin)).get("conversation_graph_subscriptions");

/** Subscribes so many times one after the other; the code of each one's error, null where it is accepted. */
async function subscribe(times: number, headers: Record<string, string>, id = conversationId) {
  const opened = [];
  for (let time = 0; time < times; time += 1) {
    const open = (await countOpen()) ?? Number.NaN;
    const watching = await watch(server, { conversationId: id }, headers);
    onTestFinished(watching.leave);
    const isAccepted = (await countOpen()) === open + 1;
    opened.push({ ...watching, error: isAccepted ? null : (await watching.next())?.errors?.[0] });
  }
  return opened;
}

const refused = expect.objectContaining({
  message: expect.stringContaining(`up to ${MOST} subscriptions`),
  extensions: expect.objectContaining({ code: "LIMIT_EXCEEDED", requestId: expect.stringMatching(/^req_/) }),
});
const errorsOf = (opened: Awaited<ReturnType<typeof subscribe>>) => opened.map(({ error }) => error);

test("a key has up to as many as it may, whatever others have, and a place that became free is taken again", async () => {
  const opened = await subscribe(MOST + 1, as(0));
  expect(errorsOf(opened)).toEqual([null, null, null, null, refused]);
  expect(errorsOf(await subscribe(1, as(1)))).toEqual([null]);
  const { position } = await append(server, { conversationId, turn: says("hello") }, as(0));
  for (const { take } of opened.slice(0, MOST)) expect(await take(1)).toMatchObject([{ position }]);
  opened[0]?.leave();
  await expect.poll(countOpen, WAIT).toBe(MOST);
  expect(errorsOf(await subscribe(2, as(0)))).toEqual([null, refused]);
});

test("one user of a key leaves others as many as he has", async () => {
  const ofUser = async (user: string) => {
    const id = await create(server, {}, as(0, user));
    return errorsOf(await subscribe(3, as(0, user), id));
  };
  expect(await ofUser("first")).toEqual([null, null, refused]);
  expect(await ofUser("second")).toEqual([null, refused, refused]);
  expect(await ofUser("third")).toEqual([null, refused, refused]);
  expect(await ofUser("fourth")).toEqual([refused, refused, refused]);
});

test("those who leave while they subscribe take no place for good", async () => {
  const body = JSON.stringify({
    query: "subscription ($id: ID!) { turnChanged(conversationId: $id) { turn { id } } }",
    variables: { id: conversationId },
  });
  const headers = { "content-type": "application/json", accept: "text/event-stream", ...as(0) };
  for (let time = 0; time < 60; time += 1) {
    const leaving = new AbortController();
    const left = fetch(`${server.origin}/graphql`, { method: "POST", headers, body, signal: leaving.signal });
    await Promise.race([delay(time % 20), left.catch(() => {})]);
    leaving.abort();
    await left.catch(() => {});
  }
  await expect.poll(countOpen, WAIT).toBe(0);
  expect(errorsOf(await subscribe(MOST, as(0)))).toEqual([null, null, null, null]);
});

test("a conversation that is not there takes no place", async () => {
  const missing = await subscribe(MOST + 1, as(0), "conv_none");
  expect(missing.map(({ error }) => error?.extensions)).toEqual(
    Array(MOST + 1).fill(expect.objectContaining({ code: "NOT_FOUND" })),
  );
});
