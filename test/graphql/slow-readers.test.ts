import { once } from "node:events";
import { type ClientRequest, type IncomingMessage, request } from "node:http";

import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";

import { startTestServer, type TestServer } from "../harness/server.ts";
import { startTwin, type Twin } from "../harness/twin.ts";
import { watch } from "../harness/watch.ts";
import { append, create, says } from "../harness/writes.ts";

let server: TestServer;
let twin: Twin;
beforeAll(async () => {
  server = await startTestServer();
  twin = await startTwin(server);
});
afterAll(async () => {
  await twin.close();
  await server.close();
});

const WATCH = `subscription ($id: ID!) { turnChanged(conversationId: $id, afterRevision: 0) {
  turn { position messages { ... on TextFragment { content } } }
} }`;

/** Watches from the first turn on, and reads nothing of the answer. */
async function watchUnread(conversationId: string): Promise<[ClientRequest, IncomingMessage]> {
  const headers = { "content-type": "application/json", accept: "text/event-stream" };
  const sent = request(`${server.origin}/graphql`, { method: "POST", headers });
  sent.end(JSON.stringify({ query: WATCH, variables: { id: conversationId } }));
  const [response] = await once(sent, "response");
  return [sent, response];
}

/** Makes a conversation of that many turns of 200 kB each, in portions that no statement's timeout ends. */
async function createLarge(turns: number): Promise<string> {
  const id = await create(server);
  for (let last = 0; last < turns; last += 50) {
    await server.database.rows(sql`
      WITH head AS (UPDATE conversation_heads SET turn_count = ${last + 50}, revision = ${last + 50} WHERE conversation_id = ${id})
      INSERT INTO turns (project_id, id, conversation_id, position, revision, role, state, timestamp, messages)
      SELECT 'default', 'turn_' || ${id} || n, ${id}, n, n, 'user', 'done', now(),
        json_build_array(json_build_object('kind', 'text', 'content', repeat('x', 200000), 'state', 'done'))
      FROM generate_series(${last}::integer + 1, ${last}::integer + 50) AS n`);
  }
  return id;
}

/** Waits until the server runs no statement during 100 requests to it: a turn of its event loop gives a watcher one event at most. */
async function untilIdle(): Promise<void> {
  const manyRequests = async () => {
    for (let sent = 0; sent < 100; sent += 1) await fetch(`${server.origin}/health/live`);
  };
  while ((await server.countStatements(manyRequests)) > 0);
}

test("what a reader does not take is not read, so that memory does not grow; nothing is lost", async () => {
  // 80 MB in reads of a megabyte. What the sockets hold of it takes some of them.
  const conversationId = await createLarge(400);
  let response: IncomingMessage | undefined;
  const statements = await server.countStatements(async () => {
    [, response] = await watchUnread(conversationId);
    await untilIdle();
  });
  expect(statements).toBeLessThanOrEqual(20);

  const found: number[] = [];
  let line = "";
  for await (const chunk of response ?? []) {
    const lines = `${line}${chunk}`.split("\n");
    line = lines.pop() ?? "";
    for (const event of lines.filter((text) => text.startsWith("data: {"))) {
      found.push(JSON.parse(event.slice(6)).data.turnChanged.turn.position);
    }
    if (found.length === 400) break;
  }
  expect(found).toEqual(Array.from({ length: 400 }, (_, index) => index + 1));
});

test("a watcher that goes away is forgotten, also one that never read", async () => {
  const conversationId = await createLarge(200);
  const witness = await create(server);
  const staying = await watch(server, { conversationId: witness });
  const leaving = await watch(server, { conversationId });
  const [unread] = await watchUnread(conversationId);
  await untilIdle();
  leaving.leave();
  unread.destroy();
  // A subscriber that still watched would read when notified, and its notification precedes that of subscribers to
  // later writes.
  const readsOfOneChange = (id: string) =>
    server.countStatements(async () => {
      await append(twin, { conversationId: id, turn: says("x") });
      await append(twin, { conversationId: witness, turn: says("x") });
      await staying.take(1);
      await untilIdle();
    });
  const unwatched = await readsOfOneChange(await create(server));
  await expect.poll(() => readsOfOneChange(conversationId), { timeout: 10_000 }).toBe(unwatched);
  staying.leave();
});

test("watchers who are woken together share the read of what changed", async () => {
  const conversationId = await create(server);
  const watching = await Promise.all(Array.from({ length: 20 }, () => watch(server, { conversationId })));
  const statements = await server.countStatements(async () => {
    const turn = await append(twin, { conversationId, turn: says("x") });
    for (const one of watching) expect(await one.take(1)).toMatchObject([turn]);
    await untilIdle();
  });
  // Each event reads the conversation that it shows; a read of the turn for each watcher would make it twice as many.
  expect(statements).toBeLessThan(1.5 * watching.length);
  for (const one of watching) one.leave();
});
