import { afterAll, beforeAll, expect, test } from "vitest";

import { conversation, store, turn } from "../harness/conversations.ts";
import { ask, post } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { append, create, readTurns, says } from "../harness/writes.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await store(server.database, [conversation("taken", { isolationKey: "ann", turns: [turn("taken.1")] })]);
});
afterAll(() => server.close());

const CREATE =
  "mutation ($input: CreateConversationInput!) { createConversation(input: $input) { conversation { id } } }";
const APPEND = "mutation ($input: AppendTurnInput!) { appendTurn(input: $input) { turn { id } } }";
const conflict = (argument: string) => [{ extensions: { code: "CONFLICT", argument } }];
const asBob = { "x-ms-user-isolation-key": "bob" };

test("a conversation and its turns have the ids that the caller chose, and reply to each other by them", async () => {
  const turns = [
    { ...says("one"), id: "my first" },
    { role: "ASSISTANT", messages: [], id: "turn_mine", inReplyToId: "my first" },
    says("three"),
  ];
  expect(await create(server, { id: "my conversation", turns })).toBe("my conversation");
  const stored = await readTurns(server, "my conversation");
  expect(stored.map(({ id }) => id)).toEqual(["my first", "turn_mine", expect.stringMatching(/^turn_[0-9a-f]{32}$/)]);
  expect(stored[1].inReplyTo).toEqual({ id: "my first" });
  const reply = { role: "ASSISTANT", messages: [], id: "0f3b-uuid", inReplyToId: "my first" };
  const appended = await append(server, { conversationId: "my conversation", turn: reply });
  expect(appended).toMatchObject({ id: "0f3b-uuid", position: 4, inReplyTo: { id: "my first" } });
});

test.each(["taken", "taken.1", "conv_known", "turn_known"])("%s is CONFLICT, whoever's it is", async (id) => {
  await post(server, CREATE, { input: { id: "conv_known", turns: [{ ...says("x"), id: "turn_known" }] } });
  const conversationId = await create(server, {}, asBob);
  if (!id.startsWith("turn_")) {
    const input = { id, turns: [says("lost")] };
    expect((await post(server, CREATE, { input }, asBob)).errors).toMatchObject(conflict("input.id"));
  }
  if (!id.startsWith("conv_")) {
    const input = { turns: [says("lost"), { ...says("lost"), id }] };
    expect((await post(server, CREATE, { input }, asBob)).errors).toMatchObject(conflict("input.turns.1.id"));
    const one = { conversationId, turn: { ...says("lost"), id } };
    expect((await post(server, APPEND, { input: one }, asBob)).errors).toMatchObject(conflict("input.turn.id"));
  }
  expect(await readTurns(server, conversationId, asBob)).toEqual([]);
  expect((await readTurns(server, "taken")).length).toBe(1);
  expect(
    (await ask(server, '{ conversations(filter: { search: "lost" }) { totalCount } }')).conversations.totalCount,
  ).toBe(0);
});

test("with an idempotency key a retry is answered, at the same moment too", async () => {
  for (const id of ["again", "conv_again"]) {
    const input = { id, turns: [{ ...says("x"), id: `turn of ${id}` }], idempotencyKey: id };
    const made = await Promise.all([1, 2, 3].map(() => create(server, input)));
    expect(made).toEqual([id, id, id]);
    const said = { conversationId: id, turn: { ...says("y"), id: `more of ${id}` }, idempotencyKey: `more ${id}` };
    const turns = await Promise.all([1, 2, 3].map(() => append(server, said)));
    expect(turns.map((one) => [one.id, one.position])).toEqual(Array(3).fill([`more of ${id}`, 2]));
    const other = await post(server, CREATE, { input: { ...input, id: `${id} 2` } });
    expect(other.errors).toMatchObject(conflict("input.idempotencyKey"));
  }
});

test("ten callers with one id: one of them has it", async () => {
  const conversationId = await create(server);
  const input = { conversationId, turn: { ...says("z"), id: "raced" } };
  const answers = await Promise.all(Array.from({ length: 10 }, () => post(server, APPEND, { input })));
  expect(answers.filter(({ errors }) => errors === undefined).length).toBe(1);
  expect((await readTurns(server, conversationId)).map(({ id, position }) => [id, position])).toEqual([["raced", 1]]);
});

test("an id is free again when its object was deleted", async () => {
  const input = { id: "once", turns: [{ ...says("x"), id: "once.1" }] };
  await create(server, input);
  await ask(server, 'mutation { deleteConversation(input: { id: "once" }) { deletedConversationId } }');
  expect(await create(server, input)).toBe("once");
});

const id = "same";
const reply = { role: "ASSISTANT", messages: [], inReplyToId: "later" };
test.each([
  ["an empty id", { id: "" }, "input.id"],
  ["a turn's prefix", { id: "turn_1" }, "input.id"],
  ["a long id", { id: "x".repeat(129) }, "input.id"],
  ["no ASCII", { turns: [{ ...says("x"), id: "é" }] }, "input.turns.0.id"],
  ["a conversation's prefix", { turns: [{ ...says("x"), id: "conv_1" }] }, "input.turns.0.id"],
  [
    "one id twice",
    {
      turns: [
        { ...says("x"), id },
        { ...says("x"), id },
      ],
    },
    "input.turns.1.id",
  ],
  ["one id for both", { id, turns: [{ ...says("x"), id }] }, "input.turns.0.id"],
  ["a reply to a later turn", { turns: [reply, { ...says("x"), id: "later" }] }, "input.turns.0.inReplyToId"],
  ["a reply to another conversation's", { turns: [{ ...reply, inReplyToId: "taken.1" }] }, "input.turns.0.inReplyToId"],
])("%s is BAD_USER_INPUT", async (_what, input, argument) => {
  const { errors } = await post(server, CREATE, { input });
  expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument } }]);
});
