import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";

import { ask, post } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { append, create, says } from "../harness/writes.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const SHOWN = "id createdAt updatedAt revision metadata turns { nodes { id revision } }";
const READ = `query ($id: ID!) { conversation(id: $id) { ${SHOWN} } }`;
const CHANGE = `mutation ($input: UpdateConversationInput!) { updateConversation(input: $input) { conversation { ${SHOWN} } } }`;
const DELETE = "mutation ($id: ID!) { deleteConversation(input: { id: $id }) { deletedConversationId } }";

const STATED = { metadata: [{ key: "topic", value: "Refund" }], turns: [says("one")] };
const read = async (id: string) => (await ask(server, READ, { id })).conversation;

test.each([
  ["another map", [{ key: "tier", value: "gold" }], { tier: "gold" }],
  ["a map of nothing", [], {}],
  ["the same map", STATED.metadata, { topic: "Refund" }],
])("metadata is replaced as a whole: %s", async (_name, metadata, stored) => {
  const id = await create(server, STATED);
  const before = await read(id);
  const { conversation } = (await ask(server, CHANGE, { input: { id, metadata } })).updateConversation;
  // A rename moves no conversation in a list by time of update.
  expect(conversation).toEqual({ ...before, metadata: stored, revision: before.revision + 1 });
  expect(await read(id)).toEqual(conversation);
});

test.each([
  ["left out", {}],
  ["null", { metadata: null }],
  ["left out at a revision that has passed", { expectedRevision: 99 }],
])("metadata %s: nothing changes", async (_name, input) => {
  const id = await create(server, STATED);
  const before = await read(id);
  const { conversation } = (await ask(server, CHANGE, { input: { id, ...input } })).updateConversation;
  expect(conversation).toEqual(before);
});

test("updatedAt never goes back", async () => {
  const id = await create(server, STATED);
  await server.database.rows(sql`
    UPDATE conversation_heads SET updated_at = '2999-01-01T00:00:00Z' WHERE conversation_id = ${id}`);
  const { conversation } = (await ask(server, CHANGE, { input: { id, metadata: [] } })).updateConversation;
  expect(conversation.updatedAt).toBe("2999-01-01T00:00:00.000Z");
});

test("a deleted conversation is gone with its turns and its idempotency keys", async () => {
  const input = { ...STATED, idempotencyKey: "made" };
  const id = await create(server, input);
  const turn = await append(server, { conversationId: id, turn: says("two"), idempotencyKey: "said" });
  expect(await ask(server, DELETE, { id })).toEqual({ deleteConversation: { deletedConversationId: id } });
  const { nodes } = await ask(server, "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", { ids: [id, turn.id] });
  expect(nodes).toEqual([null, null]);
  const left = await server.database.rows(sql`
    SELECT conversation_id FROM conversation_heads WHERE conversation_id = ${id}
    UNION ALL SELECT conversation_id FROM turns WHERE conversation_id = ${id}
    UNION ALL SELECT conversation_id FROM idempotency_keys WHERE conversation_id = ${id}`);
  expect(left).toEqual([]);
  expect(await create(server, input)).not.toBe(id);
});

test("one mutation that fails does not hide what another of the same document did", async () => {
  const id = await create(server, STATED);
  const { data, errors } = await post(
    server,
    `mutation ($id: ID!) {
      before: updateConversation(input: { id: $id, metadata: [] }) { conversation { metadata } }
      failed: deleteConversation(input: { id: "nobody" }) { deletedConversationId }
      append: appendTurn(input: { conversationId: $id, turn: { role: USER, messages: [] } }) { conversation { ...turns } }
      after: updateConversation(input: { id: $id, metadata: { key: "a", value: "b" } }) { conversation { metadata ...turns } }
    }
    fragment turns on Conversation { turns { totalCount } }`,
    { id },
  );
  expect(data).toEqual({
    before: { conversation: { metadata: {} } },
    failed: null,
    append: { conversation: { turns: { totalCount: 2 } } },
    after: { conversation: { metadata: { a: "b" }, turns: { totalCount: 2 } } },
  });
  expect(errors).toMatchObject([{ path: ["failed"], extensions: { code: "NOT_FOUND", argument: "input.id" } }]);
});
