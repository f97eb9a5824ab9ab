import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { buffer } from "node:stream/consumers";

import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";

import { ask } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

let server: TestServer;
let few: TestServer;
beforeAll(async () => {
  server = await startTestServer(PATIENT);
  few = await startTestServer({ ...PATIENT, MAX_PIPELINED_REQUESTS: "10" }, server.url);
});
afterAll(async () => {
  await few.close();
  await server.close();
});

const PATIENT = { LOCK_TIMEOUT_MS: "60000" };
const LIST = "/openai/v1/conversations";
const LAST = "Connection: close\r\n";

const get = (path: string, headers = "") => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`;
const post = (query: string, headers = "") => {
  const body = JSON.stringify({ query });
  const type = "Content-Type: application/json\r\nAccept: application/json\r\n";
  return `POST /graphql HTTP/1.1\r\nHost: localhost\r\n${type}${headers}Content-Length: ${body.length}\r\n\r\n${body}`;
};
const mutation = "mutation { createConversation(input: {}) { conversation { id } } }";

async function open({ origin }: TestServer): Promise<Socket> {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname).on("error", () => {});
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  return socket;
}

/** Sends the bytes on a connection of their own; the status and the body of each answer, until the server closes it. */
async function send(target: TestServer, ...requests: string[]): Promise<[status: number, body: string][]> {
  const socket = await open(target);
  socket.write(requests.join(""));
  const answers = (await buffer(socket)).toString().split("HTTP/1.1 ");
  return answers.slice(1).map((answer) => [Number(answer.slice(0, 3)), answer.split("\r\n\r\n")[1]?.trim() ?? ""]);
}

const statuses = (answers: [number, string][]) => answers.map(([status]) => status);

/**
 * Locks all conversations while the work runs. The work gets a function that counts the statements which wait for that.
 */
async function whileLocked(work: (waiting: () => Promise<number>) => Promise<void>): Promise<void> {
  await server.database.transaction(async (transaction) => {
    await transaction.rows(sql`LOCK TABLE conversations IN ACCESS EXCLUSIVE MODE`);
    await work(async () => {
      // Not pg_stat_activity: inside a transaction it shows only the sessions of the first look.
      const waiting = await transaction.rows(sql`
        SELECT FROM pg_locks WHERE NOT granted AND relation = 'conversations'::regclass
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`);
      return waiting.length;
    });
  });
}

async function count(): Promise<number> {
  return (await ask(server, "{ conversations { totalCount } }")).conversations.totalCount;
}

test("the requests of a connection are answered in their order, with their own answers, and the connection goes on", async () => {
  const requests = Array.from({ length: 200 }, (_, index) => {
    const by = [get(`/x${index}`), post(`{ a${index}: __typename }`), `PUT /x${index} HTTP/1.1\r\nHost: a\r\n\r\n`];
    return by[index % by.length] ?? "";
  });
  const answers = await send(server, ...requests, get("/health/live", LAST));
  expect(answers).toHaveLength(201);
  for (const [index, [, body]] of answers.slice(0, 200).entries()) expect(body).toMatch(new RegExp(`[xa]${index}\\b`));
  expect(answers.at(-1)).toEqual([200, '{"status":"live"}']);
});

test("one is served at a time, whatever waits behind it", async () => {
  let answers: ReturnType<typeof send> | undefined;
  await whileLocked(async (waiting) => {
    answers = send(server, ...Array(20).fill(get(LIST)), get(LIST, LAST));
    await vi.waitUntil(async () => (await waiting()) > 0, { timeout: 5000, interval: 10 });
    for (let turn = 0; turn < 20; turn += 1) await fetch(`${server.origin}/health/live`);
    expect(await waiting()).toBe(1);
  });
  expect(statuses((await answers) ?? [])).toEqual(Array(21).fill(200));
});

test("what no longer can be answered is not done: behind a last request, and on a closed connection", async () => {
  const before = await count();
  expect(statuses(await send(server, post(mutation, LAST), post(mutation), post(mutation)))).toEqual([200]);
  expect(await count()).toBe(before + 1);

  const leaving = await open(server);
  await whileLocked(async (waiting) => {
    leaving.write(get(LIST) + post(mutation).repeat(100));
    await vi.waitUntil(async () => (await waiting()) > 0, { timeout: 5000, interval: 10 });
    leaving.resetAndDestroy();
  });
  await send(server, ...Array(100).fill(get(LIST)), get(LIST, LAST));
  // That the caller left shows when something is sent to it.
  expect(await count()).toBeLessThan(before + 10);
});

test("a body that comes in parts, and one that is announced, are waited for behind other requests", async () => {
  const socket = await open(server);
  const asked = post("{ late: __typename }", LAST);
  const expecting = post("{ asked: __typename }", "Expect: 100-continue\r\n");
  await whileLocked(async (waiting) => {
    socket.write(get(LIST) + expecting + asked.slice(0, -10));
    await vi.waitUntil(async () => (await waiting()) > 0, { timeout: 5000, interval: 10 });
  });
  await once(socket, "readable");
  socket.write(asked.slice(-10));
  const answers = (await buffer(socket)).toString();
  expect(answers.match(/HTTP\/1\.1 \d+|asked|late/g)).toEqual([
    "HTTP/1.1 200",
    "HTTP/1.1 100",
    "HTTP/1.1 200",
    "asked",
    "HTTP/1.1 200",
    "late",
  ]);
});

test.each([
  ["no request", "NONSENSE\r\n\r\n", 400],
  ["a header that is none", "GET /health/live HTTP/1.1\r\nno header\r\n\r\n", 400],
  ["headers beyond any bound", get("/health/live", `x: ${"y".repeat(70_000)}\r\n`), 431],
  ["a body that is malformed", "POST /graphql HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400],
])("what is malformed is refused behind the answers to what came before it: %s", async (_what, bytes, status) => {
  const answers = await send(server, get(LIST), post("{ before: __typename }"), bytes, get("/health/live"));
  expect(statuses(answers)).toEqual([200, 200, status]);
  expect(answers[1]?.[1]).toContain("before");
  expect(JSON.parse(answers[2]?.[1] ?? "")).toMatchObject({ type: "about:blank", status });
});

test("a connection that makes more requests wait than all together may is closed, and no other", async () => {
  const requests = (waiting: number) => [...Array(waiting).fill(get(LIST)), get(LIST, LAST)];
  let answers: ReturnType<typeof send>[] = [];
  await whileLocked(async (waiting) => {
    answers = [send(few, ...requests(6))];
    await vi.waitUntil(async () => (await waiting()) > 0, { timeout: 5000, interval: 10 });
    answers.push(send(few, ...requests(5)).catch(() => []));
    await answers[1];
    for (let turn = 0; turn < 20; turn += 1) await fetch(`${few.origin}/health/live`);
    answers.push(send(few, ...requests(4)), send(few, ...requests(0)));
    await vi.waitUntil(async () => (await waiting()) > 2, { timeout: 5000, interval: 10 });
  });
  expect((await Promise.all(answers)).map((all) => all.length)).toEqual([7, 0, 5, 1]);
  expect(statuses(await send(few, ...requests(10)))).toEqual(Array(11).fill(200));
});
