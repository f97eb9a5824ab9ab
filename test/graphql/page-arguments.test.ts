import { afterAll, beforeAll, expect, test } from "vitest";

import { conversation, store, turn } from "../harness/conversations.ts";
import { ask, post } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await store(server.database, [conversation("c", { turns: [turn("t1"), turn("t2")] })]);
});
afterAll(() => server.close());

const LIST = `query ($first: Int, $last: Int, $after: String, $before: String, $offset: Int, $orderBy: ConversationOrder) {
  conversations(first: $first, last: $last, after: $after, before: $before, offset: $offset, orderBy: $orderBy) {
    edges { cursor }
  }
}`;
const TURNS = `query ($first: Int, $last: Int, $after: String, $before: String) {
  conversation(id: "c") { turns(first: $first, last: $last, after: $after, before: $before) { edges { cursor } } }
}`;

type Case = [name: string, args: Record<string, unknown>, argument: string];
// Each refused argument stands in the name of its case, and is the one that the error names.
const cases: Case[] = [
  ["first and last", { first: 1, last: 1 }, "last"],
  ...[0, -1, 101, 2 ** 31 - 1, -(2 ** 31)].flatMap((size): Case[] => [
    [`first ${size}`, { first: size }, "first"],
    [`last ${size}`, { last: size }, "last"],
  ]),
  ["offset with last", { offset: 0, last: 1 }, "offset"],
  ["a negative offset", { offset: -1 }, "offset"],
  ...["", " ", "c01", "\0", "\ud800", "🙂", "x".repeat(10_000)].flatMap((text): Case[] => [
    [`after ${JSON.stringify(text.slice(0, 8))}`, { after: text }, "after"],
    [`before ${JSON.stringify(text.slice(0, 8))}`, { before: text }, "before"],
  ]),
];
test.each(cases)("%s", (_name, args, argument) => refuse(LIST, args, argument));

test("offset with a cursor", async () => {
  const cursor = await cursorOf(LIST);
  await refuse(LIST, { offset: 1, after: cursor }, "offset");
  await refuse(LIST, { offset: 1, before: cursor }, "offset");
});

test("a cursor of another order, direction or connection", async () => {
  const cursor = await cursorOf(LIST);
  await refuse(LIST, { after: cursor, orderBy: { direction: "ASC" } }, "after");
  await refuse(LIST, { before: cursor, orderBy: { field: "UPDATED_AT" } }, "before");
  await refuse(LIST, { after: await cursorOf(TURNS) }, "after");
  await refuse(TURNS, { after: cursor }, "after");
});

/** The cursor of the list's first row. */
async function cursorOf(document: string): Promise<string> {
  const data = await ask(server, document);
  return (data.conversations ?? data.conversation.turns).edges[0].cursor;
}

async function refuse(document: string, args: Record<string, unknown>, argument: string): Promise<void> {
  const { data, errors } = await post(server, document, args);
  expect(data).toEqual(document === TURNS ? { conversation: null } : null);
  expect(errors).toHaveLength(1);
  expect(errors?.[0]?.extensions).toEqual({ code: "BAD_USER_INPUT", argument, requestId: expect.any(String) });
}
