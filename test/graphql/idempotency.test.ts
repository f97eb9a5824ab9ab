import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";

import { createKey } from "../../src/store/keys/keys.ts";
import { ask, post } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { startTwin, type Twin } from "../harness/twin.ts";
import { append, create, readTurns, says, update, words } from "../harness/writes.ts";

let server: TestServer;
let twin: Twin;
let conversationId: string;
beforeAll(async () => {
  server = await startTestServer();
  twin = await startTwin(server);
  conversationId = await create(server);
});
afterAll(async () => {
  await twin.close();
  await server.close();
});

const APPEND = `mutation ($input: AppendTurnInput!) { appendTurn(input: $input) {
  turn { id position revision } turnEdge { cursor } conversation { turns(first: 100) { totalCount } }
} }`;
const CREATE =
  "mutation ($input: CreateConversationInput!) { createConversation(input: $input) { conversation { id } } }";
const conflict = [{ extensions: { code: "CONFLICT", argument: "input.idempotencyKey" } }];

let made = 0;
const newKey = () => `key ${++made}`;
const as = (user: string) => ({ "x-ms-user-isolation-key": user });
const calls = (args: object) => ({ role: "ASSISTANT", messages: [{ functionCall: { name: "f", args } }] });

test("the same key and input answer the turn of the first call, however much later", async () => {
  const input = {
    conversationId,
    turn: { ...says("once"), timestamp: "2024-05-20T10:00:00Z" },
    idempotencyKey: newKey(),
  };
  const { turn, turnEdge, conversation } = (await ask(server, APPEND, { input })).appendTurn;
  await append(server, { conversationId, turn: says("meanwhile") });
  const totalCount = conversation.turns.totalCount + 1;
  const again = { turn, turnEdge, conversation: { turns: { totalCount } } };
  expect((await ask(server, APPEND, { input })).appendTurn).toEqual(again);
  expect((await ask(twin, APPEND, { input })).appendTurn).toEqual(again);
});

test("without a key the same input appends again", async () => {
  const input = { conversationId, turn: says("twice") };
  expect((await append(server, input)).id).not.toBe((await append(server, input)).id);
});

test("the turn of the first call is answered in its last state", async () => {
  const turn = { role: "ASSISTANT", state: "IN_PROGRESS", messages: [] };
  const input = { conversationId, turn, idempotencyKey: newKey() };
  const { id } = await append(server, input);
  const ended = await update(server, { id, appendText: "done", state: "DONE" });
  expect(await append(server, input)).toEqual(ended);
});

test.each([
  ["null for absent", says("a"), { ...says("a"), state: null, errorDetail: null, timestamp: null }],
  ["another order of keys", calls({ a: 1, b: { c: 2, d: 3 } }), calls({ b: { d: 3, c: 2 }, a: 1 })],
  ["a default spelt out", { role: "USER", messages: [{ text: { content: "a" } }] }, says("a")],
  [
    "the same instant in another zone",
    { ...says("a"), timestamp: "2024-05-20T10:00:00Z" },
    { ...says("a"), timestamp: "2024-05-20T12:00:00.000+02:00" },
  ],
])("the same input is the same: %s", async (_name, turn, same) => {
  const idempotencyKey = newKey();
  const { id } = await append(server, { conversationId, turn, idempotencyKey });
  expect((await append(twin, { conversationId, turn: same, idempotencyKey })).id).toBe(id);
});

test.each([
  ["another text", says("a"), says("b")],
  ["another role", says("a"), { ...says("a"), role: "ASSISTANT" }],
  ["another state", calls({}), { ...calls({}), state: "STOPPED" }],
  ["another state of a text", says("a"), { role: "USER", messages: [words("a", "IN_PROGRESS")] }],
  ["one fragment more", says("a"), { role: "USER", messages: [words("a"), words("")] }],
  [
    "another instant",
    { ...says("a"), timestamp: "2024-05-20T10:00:00Z" },
    { ...says("a"), timestamp: "2024-05-20T10:00:00.001Z" },
  ],
  ["no instant", { ...says("a"), timestamp: "2024-05-20T10:00:00Z" }, says("a")],
  ["another order of a list", calls({ a: [1, 2] }), calls({ a: [2, 1] })],
  ["null in arguments", calls({ a: { b: null } }), calls({ a: {} })],
  ["pairs for an object", calls({ a: { b: 1 } }), calls({ a: [["b", 1]] })],
  ["text for a number", calls({ a: 1 }), calls({ a: "1" })],
])("another input with the key is CONFLICT: %s", async (_name, turn, other) => {
  const idempotencyKey = newKey();
  await append(server, { conversationId, turn, idempotencyKey });
  const before = await readTurns(server, conversationId);
  const { data, errors } = await post(server, APPEND, { input: { conversationId, turn: other, idempotencyKey } });
  expect(data).toEqual({ appendTurn: null });
  expect(errors).toMatchObject(conflict);
  expect(await readTurns(server, conversationId)).toEqual(before);
});

test("one space of keys for all conversations and both mutations", async () => {
  const idempotencyKey = newKey();
  await append(server, { conversationId, turn: says("a"), idempotencyKey });
  const other = { conversationId: await create(server), turn: says("a"), idempotencyKey };
  expect((await post(server, APPEND, { input: other })).errors).toMatchObject(conflict);
  expect((await post(server, APPEND, { input: { ...other, conversationId: "nobody" } })).errors).toMatchObject(
    conflict,
  );
  const answer = await post(server, CREATE, { input: { turns: [says("a")], idempotencyKey } });
  expect(answer).toMatchObject({ data: { createConversation: null }, errors: conflict });
});

test("concurrent twins append one turn, through two servers", async () => {
  const empty = await create(server);
  const input = { conversationId: empty, turn: says("once"), idempotencyKey: newKey() };
  const turns = await Promise.all(Array.from({ length: 40 }, (_, index) => append(index % 2 ? server : twin, input)));
  expect(await readTurns(server, empty)).toEqual([turns[0]]);
  for (const turn of turns) expect(turn).toEqual(turns[0]);
});

test("of concurrent calls with one key and other inputs one writes, the others are CONFLICT", async () => {
  const empty = await create(server);
  const idempotencyKey = newKey();
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      post(index % 2 ? server : twin, APPEND, {
        input: { conversationId: empty, turn: says(`${index}`), idempotencyKey },
      }),
    ),
  );
  const refused = answers.filter(({ errors }) => errors !== undefined);
  expect(refused).toHaveLength(9);
  for (const { errors } of refused) expect(errors).toMatchObject(conflict);
  expect(await readTurns(server, empty)).toHaveLength(1);
});

test("concurrent twins make one conversation with its turns, through two servers", async () => {
  const input = { turns: [says("one"), says("two")], idempotencyKey: newKey() };
  const counted = sql`SELECT (SELECT count(*)::integer FROM conversations) AS conversations,
    (SELECT count(*)::integer FROM conversation_heads) AS heads, (SELECT count(*)::integer FROM turns) AS turns`;
  const [before] = await server.database.rows<{ conversations: number; heads: number; turns: number }>(counted);
  const ids = await Promise.all(Array.from({ length: 40 }, (_, index) => create(index % 2 ? server : twin, input)));
  expect(new Set(ids).size).toBe(1);
  const [after] = await server.database.rows(counted);
  expect(after).toEqual({
    conversations: (before?.conversations ?? 0) + 1,
    heads: (before?.heads ?? 0) + 1,
    turns: (before?.turns ?? 0) + 2,
  });
  const other = { ...input, turns: [says("one")] };
  expect((await post(server, CREATE, { input: other })).errors).toMatchObject(conflict);
});

test("each user has keys of his own, and so has the caller who names none", async () => {
  const input = { metadata: [{ key: "a", value: "b" }], idempotencyKey: newKey() };
  const ids = [
    await create(server, input),
    await create(server, input, as("ann")),
    await create(server, input, as("bob")),
  ];
  expect(new Set(ids).size).toBe(3);
  const again = [await create(twin, input), await create(twin, input, as("ann")), await create(twin, input, as("bob"))];
  expect(again).toEqual(ids);
});

test("each project has keys of its own", async () => {
  const keyed = await startTestServer();
  try {
    const red = { "api-key": await createKey(keyed.database, "red", "project", null) };
    const blue = { "api-key": await createKey(keyed.database, "blue", "project", null) };
    const input = { turns: [says("one")], idempotencyKey: "k" };
    const ids = [await create(keyed, input, red), await create(keyed, input, blue)];
    expect(new Set(ids).size).toBe(2);
    expect([await create(keyed, input, red), await create(keyed, input, blue)]).toEqual(ids);
  } finally {
    await keyed.close();
  }
});
