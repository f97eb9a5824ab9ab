import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";

import { ask, post } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { readTurns, says, words } from "../harness/writes.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const SHOWN = "id createdAt updatedAt metadata agent { agentId name version } turns { totalCount nodes { id } }";
const CREATE = `mutation ($input: CreateConversationInput!) {
  createConversation(input: $input) { conversation { ${SHOWN} } conversationEdge { cursor node { id } } }
}`;
const READ = `query ($id: ID!) { conversation(id: $id) { ${SHOWN} } }`;
const LIST = "query ($before: String) { conversations(before: $before, last: 10) { nodes { id } } }";

test("what was given is stored, answered, and read back the same", async () => {
  const input = {
    agent: { name: "shop", version: "2:beta" },
    metadata: [
      { key: "topic", value: "Refund" },
      { key: "__proto__", value: "" },
    ],
    turns: [
      { ...says("one"), timestamp: "2024-05-20T12:00:00.1239+02:00" },
      { role: "ASSISTANT", messages: [], state: "IN_PROGRESS", timestamp: "2020-01-01T00:00:00Z" },
      { role: "ASSISTANT", messages: [words("three", "IN_PROGRESS")], state: "ERROR", errorDetail: "out of words" },
    ],
  };
  const before = Date.now();
  const { conversation } = (await ask(server, CREATE, { input })).createConversation;
  expect(conversation).toMatchObject({
    id: expect.stringMatching(/^conv_[0-9a-f]{32}$/),
    createdAt: "2024-05-20T10:00:00.123Z",
    agent: { agentId: "shop:2:beta", name: "shop", version: "2:beta" },
    turns: { totalCount: 3 },
  });
  expect(Object.entries(conversation.metadata)).toEqual([
    ["topic", "Refund"],
    ["__proto__", ""],
  ]);
  expect(Date.parse(conversation.updatedAt)).toBeGreaterThanOrEqual(before);
  expect((await ask(server, READ, { id: conversation.id })).conversation).toEqual(conversation);

  const turns = await readTurns(server, conversation.id);
  expect(turns.map(({ id }) => id)).toEqual(conversation.turns.nodes.map(({ id }: { id: string }) => id));
  expect(turns).toMatchObject([
    { position: 1, revision: 1, role: "USER", state: "DONE", timestamp: "2024-05-20T10:00:00.123Z" },
    { position: 2, revision: 2, state: "IN_PROGRESS", timestamp: "2020-01-01T00:00:00.000Z", messages: [] },
    {
      position: 3,
      revision: 3,
      state: "ERROR",
      errorDetail: "out of words",
      messages: [{ content: "three", state: "IN_PROGRESS" }],
    },
  ]);
  expect(Date.parse(turns[2].timestamp)).toBeGreaterThanOrEqual(before);
});

test("a conversation of nothing: created now, no agent, no metadata, no turns", async () => {
  const before = Date.now();
  const { conversation } = (await ask(server, CREATE, { input: {} })).createConversation;
  expect(conversation).toMatchObject({ agent: null, metadata: {}, turns: { totalCount: 0, nodes: [] } });
  expect(Date.parse(conversation.createdAt)).toBeGreaterThanOrEqual(before);
  expect(Date.parse(conversation.createdAt)).toBeLessThanOrEqual(Date.now());
});

test("the edge's cursor marks the conversation's place in the list that is newest first", async () => {
  const older = (await ask(server, CREATE, { input: {} })).createConversation;
  const newer = (await ask(server, CREATE, { input: { turns: [{ ...says("x"), timestamp: "2999-01-01T00:00:00Z" }] } }))
    .createConversation;
  expect(newer.conversationEdge.node.id).toBe(newer.conversation.id);
  const listed = await ask(server, LIST, { before: older.conversationEdge.cursor });
  expect(listed.conversations.nodes).toContainEqual({ id: newer.conversation.id });
  expect(listed.conversations.nodes).not.toContainEqual({ id: older.conversation.id });
});

test("a turn that cannot be stored takes conversation, earlier turns and key with it", async () => {
  await server.database.rows(sql`
    ALTER TABLE turns ADD CONSTRAINT turns_unlucky_check CHECK (messages::text NOT LIKE '%unlucky%')`);
  const counted = sql`
    SELECT (SELECT count(*) FROM conversations) AS conversations, (SELECT count(*) FROM conversation_heads) AS heads,
      (SELECT count(*) FROM turns) AS turns, (SELECT count(*) FROM idempotency_keys) AS keys`;
  const before = await server.database.rows(counted);
  const input = { turns: [says("one"), says("unlucky")], idempotencyKey: "k" };
  const { data, errors } = await post(server, CREATE, { input });
  expect(data).toEqual({ createConversation: null });
  expect(errors).toMatchObject([{ path: ["createConversation"], extensions: { code: "INTERNAL_SERVER_ERROR" } }]);
  expect(errors?.[0]?.message).not.toContain("unlucky");
  expect(await server.database.rows(counted)).toEqual(before);

  await server.database.rows(sql`ALTER TABLE turns DROP CONSTRAINT turns_unlucky_check`);
  expect((await ask(server, CREATE, { input })).createConversation.conversation.turns.totalCount).toBe(2);
});
