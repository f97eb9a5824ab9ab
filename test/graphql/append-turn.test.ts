import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";

import { ask, post } from "../harness/graphql.ts";
import { whileLocked } from "../harness/locks.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { append, create, readTurns, says, words } from "../harness/writes.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const APPEND = "mutation ($input: AppendTurnInput!) { appendTurn(input: $input) { turn { id } } }";

test("every kind of fragment comes back as it was given", async () => {
  const conversationId = await create(server);
  const before = Date.now();
  const turn = await append(server, {
    conversationId,
    turn: {
      role: "ASSISTANT",
      messages: [
        { text: { content: "Ünï\r\n\u2028 \u{1F600} \u0001" } },
        { text: { content: "", state: "IN_PROGRESS", metadata: { a: { b: [1, null, "c"] } } } },
        { functionCall: { name: "pay", args: { total: 10.5, deep: { list: [[{}], true] }, __proto__: 1 } } },
        { functionCall: { name: "", args: {}, metadata: {} } },
        { functionResponse: { name: "pay", response: "10.50" } },
        { functionResponse: { name: "pay", response: "", failed: true, metadata: { code: "E" } } },
      ],
    },
  });
  expect(turn).toMatchObject({
    id: expect.stringMatching(/^turn_[0-9a-f]{32}$/),
    position: 1,
    revision: 1,
    state: "DONE",
  });
  expect(turn).toMatchObject({ role: "ASSISTANT", errorDetail: null, inReplyTo: null });
  expect(turn.messages).toEqual([
    { __typename: "TextFragment", content: "Ünï\r\n\u2028 \u{1F600} \u0001", state: "DONE", metadata: null },
    { __typename: "TextFragment", content: "", state: "IN_PROGRESS", metadata: { a: { b: [1, null, "c"] } } },
    {
      __typename: "FunctionCallFragment",
      name: "pay",
      args: { total: 10.5, deep: { list: [[{}], true] } },
      metadata: null,
    },
    { __typename: "FunctionCallFragment", name: "", args: {}, metadata: {} },
    { __typename: "FunctionResponseFragment", name: "pay", response: "10.50", failed: false, metadata: null },
    { __typename: "FunctionResponseFragment", name: "pay", response: "", failed: true, metadata: { code: "E" } },
  ]);
  expect(Date.parse(turn.timestamp)).toBeGreaterThanOrEqual(before);
  expect(Date.parse(turn.timestamp)).toBeLessThanOrEqual(Date.now());
  expect(await readTurns(server, conversationId)).toEqual([turn]);
});

test.each([
  ["USER", { role: "USER" }, { role: "USER", state: "DONE" }],
  ["USER, DONE", { role: "USER", state: "DONE", errorDetail: null, inReplyToId: null }, { state: "DONE" }],
  ["ASSISTANT", { role: "ASSISTANT", state: null }, { role: "ASSISTANT", state: "DONE" }],
  ["ASSISTANT, IN_PROGRESS", { role: "ASSISTANT", state: "IN_PROGRESS" }, { state: "IN_PROGRESS" }],
  ["ASSISTANT, STOPPED", { role: "ASSISTANT", state: "STOPPED" }, { state: "STOPPED", errorDetail: null }],
  ["ASSISTANT, ERROR", { role: "ASSISTANT", state: "ERROR" }, { state: "ERROR", errorDetail: null }],
  [
    "ERROR with its detail",
    { role: "ASSISTANT", state: "ERROR", errorDetail: "" },
    { state: "ERROR", errorDetail: "" },
  ],
])("a turn may be %s", async (_name, given, shown) => {
  const conversationId = await create(server);
  const open = words("so far", "IN_PROGRESS");
  const turn = await append(server, { conversationId, turn: { ...given, messages: [open] } });
  expect(turn).toMatchObject({ ...shown, messages: [{ content: "so far", state: "IN_PROGRESS" }] });
});

test("the payload shows the conversation after the append, and the turn's place in it", async () => {
  const conversationId = await create(server, { turns: [says("one"), says("two")] });
  const { appendTurn } = await ask(
    server,
    `mutation ($input: AppendTurnInput!) { appendTurn(input: $input) {
      turn { id position revision timestamp conversation { id } inReplyTo { position messages { ... on TextFragment { content } } } }
      turnEdge { cursor node { id } }
      conversation { id updatedAt turns { totalCount nodes { id } } }
    } }`,
    {
      input: {
        conversationId,
        turn: {
          role: "ASSISTANT",
          messages: [],
          inReplyToId: (await readTurns(server, conversationId))[1].id,
          timestamp: "2001-01-01T00:00:00Z",
        },
      },
    },
  );
  expect(appendTurn.turn).toMatchObject({
    position: 3,
    revision: 3,
    timestamp: "2001-01-01T00:00:00.000Z",
    conversation: { id: conversationId },
    inReplyTo: { position: 2, messages: [{ content: "two" }] },
  });
  expect(appendTurn.turnEdge.node.id).toBe(appendTurn.turn.id);
  expect(appendTurn.conversation.turns).toMatchObject({ totalCount: 3, nodes: [{}, {}, { id: appendTurn.turn.id }] });
  expect(Date.parse(appendTurn.conversation.updatedAt)).toBeGreaterThan(Date.parse("2020-01-01"));
  const { conversation } = await ask(
    server,
    "query ($id: ID!, $before: String) { conversation(id: $id) { turns(before: $before, last: 5) { nodes { position } } } }",
    { id: conversationId, before: appendTurn.turnEdge.cursor },
  );
  expect(conversation.turns.nodes).toEqual([{ position: 1 }, { position: 2 }]);
});

test("concurrent writers get positions without gap, whatever fails between them", async () => {
  const conversationId = await create(server);
  const inputs = Array.from({ length: 60 }, (_, index) => ({
    conversationId,
    turn: { role: "ASSISTANT", messages: [], inReplyToId: index % 3 === 0 ? "nobody" : null },
  }));
  await Promise.all(inputs.map((input) => post(server, APPEND, { input })));
  const turns = await readTurns(server, conversationId);
  expect(turns.map(({ position }) => position)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
  expect(turns.map(({ revision }) => revision)).toEqual(turns.map(({ position }) => position));
});

test("a turn that cannot be stored leaves its conversation as it was", async () => {
  await server.database.rows(sql`
    ALTER TABLE turns ADD CONSTRAINT turns_unlucky_check CHECK (messages::text NOT LIKE '%unlucky%')`);
  const conversationId = await create(server, { turns: [says("one")] });
  const heads = sql`SELECT h::text FROM conversation_heads h WHERE conversation_id = ${conversationId}`;
  const before = await server.database.rows(heads);
  const turn = { role: "USER", messages: [words("lucky"), words("unlucky")] };
  const { data, errors } = await post(server, APPEND, { input: { conversationId, turn, idempotencyKey: "k" } });
  expect(data).toEqual({ appendTurn: null });
  expect(errors).toMatchObject([{ extensions: { code: "INTERNAL_SERVER_ERROR" } }]);
  expect(await server.database.rows(heads)).toEqual(before);
  expect(await readTurns(server, conversationId)).toHaveLength(1);
  expect(await append(server, { conversationId, turn: says("two"), idempotencyKey: "k" })).toMatchObject({
    position: 2,
  });
});

test.each([
  ["without a key", null],
  ["with a key", "late"],
])("a conversation that is deleted while the append waits is not found: %s", async (_name, idempotencyKey) => {
  const conversationId = await create(server);
  const remove = sql`DELETE FROM conversations WHERE id = ${conversationId}`;
  const { data, errors } = await whileLocked(server.database, remove, () =>
    post(server, APPEND, { input: { conversationId, turn: says("late"), idempotencyKey } }),
  );
  expect(data).toEqual({ appendTurn: null });
  expect(errors).toMatchObject([{ extensions: { code: "NOT_FOUND", argument: "input.conversationId" } }]);
});
