import { sql } from "drizzle-orm";
import { expect, onTestFinished, test, vi } from "vitest";

import { checkProjection } from "../../src/items/check-projection.ts";
import type { Database } from "../../src/store/database/client.ts";
import { createKey } from "../../src/store/keys/keys.ts";
import { listProjects } from "../../src/store/keys/projects.ts";
import { exportConversations } from "../../src/store/read/export-conversations.ts";
import { deleteProject } from "../../src/store/write/delete-project.ts";
import { restore, takeBackup } from "../harness/backups.ts";
import { brokenRules } from "../harness/broken-rules.ts";
import { connectTo } from "../harness/connect.ts";
import { conversation, store, turn } from "../harness/conversations.ts";
import { addItems, createWith, functionCall, functionOutput } from "../harness/conversations-api.ts";
import { createDatabase } from "../harness/database.ts";
import { ask } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { append, create, says, update } from "../harness/writes.ts";

const DELETE = "mutation ($id: ID!) { deleteConversation(input: { id: $id }) { deletedConversationId } }";

/** One conversation after the other: a question, an answer that streams, items; every third is deleted again. */
async function* write(server: TestServer, project: string, key: string): AsyncGenerator<void> {
  const headers = { "api-key": key };
  for (let round = 0; ; round += 1) {
    const id = `${project}.${round}`;
    await create(server, { id, turns: [{ id: `${id}.q`, ...says("why?") }], idempotencyKey: id }, headers);
    yield;
    const answer = {
      role: "ASSISTANT",
      state: "IN_PROGRESS",
      inReplyToId: `${id}.q`,
      messages: [{ text: { content: "" } }],
    };
    const turn = await append(server, { conversationId: id, turn: answer }, headers);
    yield;
    for (const appendText of ["because ", "of that"]) await update(server, { id: turn.id, appendText }, headers);
    yield;
    await update(server, { id: turn.id, state: "DONE" }, headers);
    const items = await createWith(server, [functionCall("call", "look")], headers);
    yield;
    await addItems(server, items, [functionOutput("call", "found")], headers);
    if (round % 3 === 0) await ask(server, DELETE, { id }, headers);
    yield;
  }
}

/** One project after the other, with a key and a conversation. */
async function* comeAndGo({ database }: TestServer, name: string): AsyncGenerator<void> {
  for (let round = 0; ; round += 1) {
    const project = `${name}.${round}`;
    await createKey(database, project, "project", null);
    await store(database, [conversation(`conv_${project}`, { turns: [turn(`${project}.q`)] })], project);
    yield;
    await deleteProject(database, project, false, new AbortController().signal, () => {});
    yield;
  }
}

// Where tables are distributed, not all of these are on one machine.
const PROJECTS = ["p1", "p2", "p3"];

/** Everything in which a conversation's rows disagree. */
async function contradictions(database: Database): Promise<unknown[]> {
  const heads = await database.rows(sql`
    SELECT h.conversation_id FROM conversation_heads h LEFT JOIN turns t
      ON t.project_id = h.project_id AND t.conversation_id = h.conversation_id
    GROUP BY h.project_id, h.conversation_id
    HAVING count(t.id) <> h.turn_count OR coalesce(max(t.position), 0) <> h.turn_count OR max(t.revision) > h.revision`);
  const keys = await database.rows(sql`
    SELECT k.key FROM conversations c FULL JOIN idempotency_keys k ON k.project_id = c.project_id AND k.conversation_id = c.id
    WHERE k.key IS NULL AND NOT starts_with(c.id, 'conv_')`);
  const projections = [];
  for (const projectId of await listProjects(database)) {
    for await (const record of exportConversations(database, { projectId, isolationKey: null }, null)) {
      if (checkProjection(record).different.length > 0) projections.push(record.id);
    }
  }
  return [...heads, ...keys, ...projections, ...(await brokenRules(database))];
}

test("a backup that is taken under writers of several projects restores to one moment of each, while projects come and go", async () => {
  const { url: written, drop } = await createDatabase();
  const keeper = connectTo(written);
  const keys = await Promise.all(PROJECTS.map((project) => createKey(keeper, project, "project", null)));
  await keeper.close();
  const server = await startTestServer({}, written);
  let steps = 0;
  let over = false;
  const writing = [
    ...PROJECTS.map((project, index) => write(server, project, keys[index] ?? "")),
    ...["brief", "short"].map((name) => comeAndGo(server, name)),
  ].map(async (writer) => {
    for await (const _ of writer) {
      steps += 1;
      if (over) break;
    }
  });
  onTestFinished(async () => {
    over = true;
    await Promise.allSettled(writing);
    await server.close();
    await drop();
  });
  // While the backup is read something is written again and again.
  const afterMore = async (more: number) => {
    const before = steps;
    await vi.waitUntil(() => steps >= before + more, { timeout: 20_000, interval: 1 });
  };
  const moments: number[] = [];
  for (let taken = 0; taken < 2; taken += 1) {
    await afterMore(20);
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
    const [row] = await database.rows<{ count: number }>(
      sql`SELECT count(*)::integer AS count FROM conversations WHERE starts_with(project_id, 'p')`,
    );
    moments.push(row?.count ?? 0);
  }
  over = true;
  await Promise.all(writing);
  const [last] = await server.database.rows<{ count: number }>(
    sql`SELECT count(*)::integer AS count FROM conversations WHERE starts_with(project_id, 'p')`,
  );
  expect(moments).toEqual([...moments, last?.count ?? 0].slice(0, 2).sort((a, b) => a - b));
  expect(moments[0]).toBeGreaterThan(0);
  expect(last?.count).toBeGreaterThan(moments[1] ?? 0);
});
