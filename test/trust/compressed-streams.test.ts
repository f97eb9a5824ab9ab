import { randomBytes } from "node:crypto";
import { type IncomingMessage, request } from "node:http";
import { buffer } from "node:stream/consumers";
import { createGunzip, createZstdDecompress, zstdDecompressSync } from "node:zlib";

import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";

import { conversation, store, text, turn } from "../harness/conversations.ts";
import { readMetrics } from "../harness/metrics.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { append, create, says } from "../harness/writes.ts";

const CONVERSATIONS = 30;
const TURNS = 500;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ COMPRESSION: "all", METRICS: "1" });
  for (let index = 0; index < CONVERSATIONS; index += 1) {
    // No coding makes it shorter than two thirds: 10 MB of it, more than what the sockets hold.
    const turns = Array.from({ length: TURNS }, (_, at) =>
      turn(`large${index}.${at}`, { messages: [text(randomBytes(400).toString("hex"))] }),
    );
    await store(server.database, [conversation(`large${index}`, { agent: { name: "large", version: null }, turns })]);
  }
});
afterAll(() => server.close());

function open(path: string, headers: Record<string, string>, from = server): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request(`${from.origin}${path}`, { agent: false, headers }, resolve).on("error", reject).end();
  });
}

const openPage = (coding: string) => open("/api/v1/agents/large/conversations", { "accept-encoding": coding });

/** Watches over GET, as a browser's EventSource does. */
function openEvents(conversationId: string, accepted: string, from = server) {
  const query = `subscription { turnChanged(conversationId: "${conversationId}") { turn { position } } }`;
  const headers = { accept: "text/event-stream", "accept-encoding": accepted };
  return open(`/graphql?query=${encodeURIComponent(query)}`, headers, from);
}

/** Waits until the server runs no statement during 50 requests to it. */
async function untilIdle(): Promise<void> {
  const manyRequests = async () => {
    for (let sent = 0; sent < 50; sent += 1) await fetch(`${server.origin}/health/live`);
  };
  while ((await server.countStatements(manyRequests)) > 0);
}

test.each([
  ["zstd", "gzip, br, zstd", createZstdDecompress],
  ["gzip", "gzip, br", createGunzip],
] as const)("each event comes at once as %s", async (coding, accepted, decoder) => {
  const conversationId = await create(server);
  const events = await openEvents(conversationId, accepted);
  expect(events.headers).toMatchObject({
    "content-encoding": coding,
    vary: "origin, accept-encoding",
    "x-accel-buffering": "no",
    "content-type": expect.stringContaining("text/event-stream"),
  });
  const decoded = events.pipe(decoder());
  let seen = "";
  decoded.on("data", (data) => {
    seen += data;
  });
  // The next turn is appended when the one before has come.
  for (let position = 1; position <= 5; position += 1) {
    await append(server, { conversationId, turn: says("hello") });
    await expect.poll(() => seen, { timeout: 5000, interval: 10 }).toContain(`"position":${position}}`);
  }
  events.destroy();
});

test.each([{}, { PROXY_BUFFERING: "1" }])("what is said of events is so without a coding too: %o", async (env) => {
  const other = await startTestServer({ COMPRESSION: "all", ...env }, server.url);
  const events = await openEvents(await create(other), "br", other);
  expect(events.headers["content-encoding"]).toBeUndefined();
  expect(events.headers["x-accel-buffering"]).toBe("PROXY_BUFFERING" in env ? undefined : "no");
  events.destroy();
  await other.close();
});

test("a watcher that leaves is forgotten", async () => {
  const countOpen = async () => (await readMetrics(server.origin)).get("conversation_graph_subscriptions");
  const events = await openEvents(await create(server), "gzip");
  await expect.poll(countOpen).toBe(1);
  events.destroy();
  await expect.poll(countOpen).toBe(0);
});

test("of a page in a coding no more is read than its caller takes, and it comes whole", async () => {
  const opening = openPage("zstd");
  const readAhead = await server.countStatements(async () => {
    await opening;
    await untilIdle();
  });
  // Each conversation takes a statement beside those of the page.
  expect(readAhead).toBeLessThan(CONVERSATIONS);
  const body = zstdDecompressSync(await buffer(await opening));
  const { conversations } = JSON.parse(body.toString());
  expect(conversations.map(({ turns }: { turns: unknown[] }) => turns.length)).toEqual(
    Array(CONVERSATIONS).fill(TURNS),
  );
});

test.each(["zstd", "br", "gzip"])("a page as %s whose caller leaves, or that fails, breaks off", async (coding) => {
  const left = await openPage(coding);
  left.destroy();
  await untilIdle();
  const failing = await openPage(coding);
  await server.database.rows(sql`ALTER TABLE turns RENAME TO elsewhere`);
  // Broken off, so that a client cannot mistake it for the whole page.
  await expect(buffer(failing)).rejects.toThrow("aborted");
  await server.database.rows(sql`ALTER TABLE elsewhere RENAME TO turns`);
  await untilIdle();
});
