import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";

import { deleteIdle } from "../../src/store/write/delete-idle.ts";
import { brokenRules } from "../harness/broken-rules.ts";
import { conversation, store } from "../harness/conversations.ts";
import { startServer } from "../harness/program.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { startTwin, type Twin } from "../harness/twin.ts";
import { type Watch, watch } from "../harness/watch.ts";
import { append, create, says } from "../harness/writes.ts";

const DAYS = 30;
const LIST = `subscription { conversationChanged { deletedConversationId } }`;

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

const deleteOld = () => deleteIdle(server.database, DAYS, new AbortController().signal);

async function leaveFor(days: number, id: string): Promise<void> {
  await server.database.rows(
    sql`UPDATE conversation_heads SET updated_at = now() - make_interval(days => ${days}) WHERE conversation_id = ${id}`,
  );
}

/** The id of the next deleted conversation. What was created a moment ago may come before it. */
async function nextDeleted(list: Watch): Promise<string | null> {
  for (;;) {
    const event = await list.next();
    const id = event?.data?.conversationChanged.deletedConversationId;
    if (event === null || id != null) return id ?? null;
  }
}

/** How the watch of a conversation ends, whatever turns come before. */
async function endOf(turns: Watch): Promise<string> {
  for (;;) {
    const event = await turns.next();
    const code = event?.errors?.[0]?.extensions?.code;
    if (event === null || code === "NOT_FOUND") return "NOT_FOUND or completed";
    if (code !== undefined) return String(code);
  }
}

test("what nothing was written to for so many days is deleted, and watchers of every server are told", async () => {
  const [old, young] = [await create(server, { turns: [says("why?")] }), await create(server)];
  await leaveFor(DAYS + 1, old);
  await leaveFor(DAYS - 1, young);
  const lists = [await watch(server, {}, {}, LIST), await watch(twin, {}, {}, LIST)];
  const turns = await watch(twin, { conversationId: old });
  expect(await deleteOld()).toBe(1);
  for (const list of lists) {
    expect(await nextDeleted(list)).toBe(old);
    list.leave();
  }
  expect(await endOf(turns)).toBe("NOT_FOUND or completed");
  turns.leave();
  expect((await append(server, { conversationId: young, turn: says("still here") })).position).toBe(1);
});

test("one that is being written to is passed over without a wait, and taken later", async () => {
  const id = await create(server);
  await leaveFor(DAYS + 1, id);
  await server.database.transaction(async (transaction) => {
    await transaction.rows(
      sql`SELECT revision FROM conversation_heads WHERE project_id = 'default' AND conversation_id = ${id} FOR UPDATE`,
    );
    expect(await deleteOld()).toBe(0);
  });
  expect(await deleteOld()).toBe(1);
});

test("several servers at once delete each conversation of every project once, some at a time", async () => {
  const records = Array.from({ length: 120 }, (_, index) =>
    conversation(`old${index}`, { isolationKey: `user${index % 3}` }),
  );
  await store(server.database, records, "shop");
  await store(server.database, [conversation("bank's")], "bank");
  let deleted = 0;
  // A round ends where another server is at it.
  while (deleted < 121) deleted += (await Promise.all([deleteOld(), deleteOld()])).reduce((sum, count) => sum + count);
  expect(deleted).toBe(121);
  expect(await brokenRules(server.database)).toEqual([]);
  const [left] = await server.database.rows<{ count: number }>(
    sql`SELECT count(*)::integer AS count FROM conversation_counts WHERE project_id IN ('shop', 'bank')`,
  );
  expect(left?.count).toBe(0);
});

test("it ends between two portions when the server stops", async () => {
  await store(server.database, [conversation("late")], "shop");
  const stop = new AbortController();
  stop.abort();
  expect(await deleteIdle(server.database, DAYS, stop.signal)).toBe(0);
  expect(await deleteOld()).toBe(1);
});

test("a server with RETENTION_DAYS does it, and one with 0, as by default, does not", async () => {
  const id = await create(server);
  await leaveFor(3, id);
  const list = await watch(twin, {}, {}, LIST);
  await (await startServer({ DATABASE_URL: server.url })).stop("SIGTERM");
  expect(await server.database.rows(sql`SELECT id FROM conversations WHERE id = ${id}`)).toHaveLength(1);
  const process = await startServer({ DATABASE_URL: server.url, RETENTION_DAYS: "2" });
  expect(await nextDeleted(list)).toBe(id);
  list.leave();
  expect(await process.stop("SIGTERM")).toMatchObject({ status: 0, stderr: "" });
});
