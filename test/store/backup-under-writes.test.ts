import { sql } from "drizzle-orm";
import { expect, onTestFinished, test, vi } from "vitest";

import { checkProjection } from "../../src/items/check-projection.ts";
import type { Database } from "../../src/store/database/client.ts";
import { exportConversations } from "../../src/store/read/export-conversations.ts";
import { restore, takeBackup } from "../harness/backups.ts";
import { brokenRules } from "../harness/broken-rules.ts";
import { connectTo } from "../harness/connect.ts";
import { addItems, createWith, functionCall, functionOutput } from "../harness/conversations-api.ts";
import { createDatabase } from "../harness/database.ts";
import { ask } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { append, create, says, update } from "../harness/writes.ts";

const DELETE = "mutation ($id: ID!) { deleteConversation(input: { id: $id }) { deletedConversationId } }";

/** One conversation after the other: a question, an answer that streams, items; every third is deleted again. */
async function* write(server: TestServer, writer: number): AsyncGenerator<void> {
  for (let round = 0; ; round += 1) {
    const id = `${writer}.${round}`;
    await create(server, { id, turns: [{ id: `${id}.q`, ...says("why?") }], idempotencyKey: id });
    yield;
    const answer = {
      role: "ASSISTANT",
      state: "IN_PROGRESS",
      inReplyToId: `${id}.q`,
      messages: [{ text: { content: "" } }],
    };
    const turn = await append(server, { conversationId: id, turn: answer });
    yield;
    for (const appendText of ["because ", "of that"]) await update(server, { id: turn.id, appendText });
    yield;
    await update(server, { id: turn.id, state: "DONE" });
    const items = await createWith(server, [functionCall("call", "look")]);
    yield;
    await addItems(server, items, [functionOutput("call", "found")]);
    if (round % 3 === 0) await ask(server, DELETE, { id });
    yield;
  }
}

/** Everything in which a conversation's rows disagree. */
async function contradictions(database: Database): Promise<unknown[]> {
  const heads = await database.rows(sql`
    SELECT h.conversation_id FROM conversation_heads h LEFT JOIN turns t
      ON t.project_id = h.project_id AND t.conversation_id = h.conversation_id
    GROUP BY h.project_id, h.conversation_id
    HAVING count(t.id) <> h.turn_count OR coalesce(max(t.position), 0) <> h.turn_count OR max(t.revision) > h.revision`);
  const keys = await database.rows(sql`
    SELECT k.key FROM conversations c FULL JOIN idempotency_keys k ON k.conversation_id = c.id
    WHERE k.key IS NULL AND NOT starts_with(c.id, 'conv_')`);
  const projections = [];
  for await (const record of exportConversations(database, { projectId: "default", isolationKey: null }, null)) {
    if (checkProjection(record).different.length > 0) projections.push(record.id);
  }
  return [...heads, ...keys, ...projections, ...(await brokenRules(database))];
}

test("a backup that is taken under writers restores to one moment of theirs", async () => {
  const server = await startTestServer();
  onTestFinished(() => server.close());
  let written = 0;
  let over = false;
  const writing = [1, 2, 3].map(async (writer) => {
    for await (const _ of write(server, writer)) {
      written += 1;
      if (over) break;
    }
  });
  // While the backup is read something is written again and again.
  const afterMore = async (more: number) => {
    const before = written;
    await vi.waitUntil(() => written >= before + more, { timeout: 20_000, interval: 1 });
  };
  const moments: number[] = [];
  for (let taken = 0; taken < 2; taken += 1) {
    await afterMore(10);
    let pieces = 0;
    const packed = await takeBackup(server.database, async () => {
      pieces += 1;
      if (pieces % 3 === 0) await afterMore(1);
    });
    const { url, drop } = await createDatabase({ migrated: false });
    const database = connectTo(url, { statementTimeoutMs: 30_000 });
    onTestFinished(async () => {
      await database.close();
      await drop();
    });
    await restore(database, packed);
    expect(await contradictions(database)).toEqual([]);
    const [row] = await database.rows<{ count: number }>(sql`SELECT count(*)::integer AS count FROM conversations`);
    moments.push(row?.count ?? 0);
  }
  over = true;
  await Promise.all(writing);
  const [last] = await server.database.rows<{ count: number }>(
    sql`SELECT count(*)::integer AS count FROM conversations`,
  );
  expect(moments).toEqual([...moments, last?.count ?? 0].slice(0, 2).sort((a, b) => a - b));
  expect(moments[0]).toBeGreaterThan(0);
  expect(last?.count).toBeGreaterThan(moments[1] ?? 0);
});
