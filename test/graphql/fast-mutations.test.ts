import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";

import type { TurnRecord } from "../../src/model/conversation-record.ts";
import { conversation, store, turn } from "../harness/conversations.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

// A mutation whose document is known goes past Yoga. Whatever is unusual about it, the answer is the one that Yoga gives.

let fast: TestServer;
let long: TestServer;
beforeAll(async () => {
  const settings = { MAX_ANSWER_BYTES: "3000" };
  [fast, long] = await Promise.all([
    startTestServer(settings),
    startTestServer({ ...settings, COMPILE_DOCUMENTS: "0" }),
  ]);
  for (const { database } of [fast, long]) {
    const open: Partial<TurnRecord> = { role: "assistant", state: "in-progress", messages: [] };
    const turns = [turn("q"), turn("a", { ...open, inReplyToId: "q" }), turn("b", open), turn("c", open)];
    await store(database, [conversation("talk", { turns }), conversation("gone"), conversation("also gone")]);
  }
});
afterAll(async () => {
  await fast.close();
  await long.close();
});

const TURN = `{ id revision position state role errorDetail inReplyTo { id } conversation { id revision }
  messages { __typename ... on TextFragment { content state metadata } ... on FunctionCallFragment { name args } } }`;
const UPDATE = `mutation Update($input: UpdateTurnInput!, $more: Boolean = true, $not: Boolean = false) {
  updateTurn(input: $input) { turn { id ...more @include(if: $more) state @skip(if: $not) } } }
  fragment more on Turn ${TURN}
  mutation Other { deleteConversation(input: { id: "none" }) { deletedConversationId } }`;
const APPEND = `mutation ($input: AppendTurnInput!) {
  appendTurn(input: $input) { turn { position revision state messages { __typename } } conversation { turns(first: 1) { totalCount } } } }`;
const BOTH = `mutation ($one: UpdateTurnInput!, $two: UpdateTurnInput!) {
  one: updateTurn(input: $one) { turn { revision } } two: updateTurn(input: $two) { turn { revision } }
  three: updateTurn(input: $one) { turn { revision messages { ... on TextFragment { content } } } } }`;
const DELETE = "mutation ($id: ID!) { deleteConversation(input: { id: $id }) { deletedConversationId } }";
const CREATE =
  "mutation ($input: CreateConversationInput!) { createConversation(input: $input) { conversation { metadata turns(first: 1) { nodes { position } } } } }";
const LONG = `mutation ($input: UpdateTurnInput!) { updateTurn(input: $input) { turn {
  ${["a", "b", "c", "d", "e", "f", "g"].map((name) => `${name}: messages { ... on TextFragment { content } }`).join(" ")} } } }`;

const update = (input: object, more: object = {}) => ({
  query: UPDATE,
  operationName: "Update",
  variables: { input, ...more },
});
const append = (input: object) => ({ query: APPEND, variables: { input } });

/** Sent in this order: each may rest on those before it. */
const SENT: [what: string, body: object, headers?: Record<string, string>][] = [
  ["a document that is not known", update({ id: "none", appendText: "x" })],
  ["the same when it is", update({ id: "none", appendText: "x" })],
  ["text", update({ id: "a", appendText: 'say "\u2028\\ 🙂' })],
  ["more text", update({ id: "a", appendText: " more" })],
  ["half a pair", update({ id: "a", appendText: "\ud83d" })],
  ["what does not complete it", update({ id: "a", appendText: "x" })],
  ["a selection without messages", update({ id: "b", appendText: "x" }, { more: false })],
  ["a selection with less", update({ id: "b", appendText: "x" }, { more: false, not: true })],
  [
    "numbers that keep their digits",
    update({ id: "b", appendMessages: [{ functionCall: { name: "f", args: { 2: 1.0, 1: 12345678901234567890n } } }] }),
  ],
  ["another revision", update({ id: "a", appendText: "x", expectedRevision: 1 })],
  ["nothing to do", update({ id: "a" })],
  ["two things that exclude each other", update({ id: "a", messages: [], appendMessages: [] })],
  ["text that cannot be stored", update({ id: "a", appendText: "\u0000" })],
  ["a value of another type", update({ id: 1.5, appendText: [] })],
  ["unknown keys", update({ id: "a", what: 1, why: 2 })],
  ["no input", { query: UPDATE, operationName: "Update" }],
  ["variables that are null", { query: UPDATE, operationName: "Update", variables: null }],
  ["a directive's variable that is null", update({ id: "a", appendText: "x" }, { more: null })],
  ["another operation of the document", { query: UPDATE, operationName: "Other" }],
  ["no operation named of two", { query: UPDATE, variables: { input: {} } }],
  ["an operation that is not there", { query: UPDATE, operationName: "None" }],
  ["another media type", update({ id: "none", appendText: "x" }), { accept: "application/graphql-response+json" }],
  ["an event stream", update({ id: "a", appendText: " on" }), { accept: "text/event-stream" }],
  ["a media type that is none", update({ id: "a", appendText: "x" }), { accept: "text/html" }],
  ["several fields, of which one fails", { query: BOTH, variables: pair("a", "none") }],
  ["the same again", { query: BOTH, variables: pair("b", "none") }],
  ["several fields that succeed", { query: BOTH, variables: pair("c", "b") }],
  ["a turn that ends", update({ id: "c", state: "DONE" })],
  ["a turn that is final", update({ id: "c", appendText: "x" })],
  ["an appended turn", append({ conversationId: "talk", turn: { role: "USER", messages: [] } })],
  ["another", append({ conversationId: "talk", turn: { role: "USER", messages: [] }, idempotencyKey: "k" })],
  ["the same key", append({ conversationId: "talk", turn: { role: "USER", messages: [] }, idempotencyKey: "k" })],
  [
    "the same key again",
    append({ conversationId: "talk", turn: { role: "ASSISTANT", messages: [] }, idempotencyKey: "k" }),
  ],
  ["a wrong enum", append({ conversationId: "talk", turn: { role: "user", messages: [] } })],
  ["a conversation", { query: CREATE, variables: { input: { metadata: { a: "1" } } } }],
  [
    "another one",
    { query: CREATE, variables: { input: { metadata: { b: "2" }, turns: [{ role: "USER", messages: [] }] } } },
  ],
  ["a deletion", { query: DELETE, variables: { id: "gone" } }],
  ["another deletion", { query: DELETE, variables: { id: "also gone" } }],
  ["the same deletion", { query: DELETE, variables: { id: "also gone" } }],
  [
    "an answer of most bytes",
    { query: LONG, variables: { input: { id: "b", messages: [], appendText: "x".repeat(300) } } },
  ],
  ["an answer that is too long", { query: LONG, variables: { input: { id: "b", appendText: "x".repeat(600) } } }],
  ["what was written then", update({ id: "b", appendText: "." })],
];

function pair(one: string, two: string): object {
  return { one: { id: one, appendText: "1" }, two: { id: two, appendText: "2" } };
}

/** The answer: status, headers but those of one connection and request, and the body without the request's id. */
async function send({ origin }: TestServer, body: object, headers: Record<string, string> = {}): Promise<object> {
  const answer = await fetch(`${origin}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body, (_key, value) => (typeof value === "bigint" ? JSON.rawJSON(String(value)) : value)),
  });
  const { date: _date, "x-request-id": _id, ...same } = Object.fromEntries(answer.headers);
  return { status: answer.status, headers: same, text: (await answer.text()).replaceAll(/"req_[0-9a-f]+"/g, '"req"') };
}

test("every answer is Yoga's, byte for byte", async () => {
  for (const [what, body, headers] of SENT) {
    const [found, wanted] = [await send(fast, body, headers), await send(long, body, headers)];
    expect({ what, ...found }).toEqual({ what, ...wanted });
    expect(wanted).not.toMatchObject({ text: expect.stringContaining("GRAPHQL_VALIDATION_FAILED") });
  }
  for (const { database } of [fast, long]) await database.rows(sql`ALTER TABLE turn_chunks RENAME TO hidden`);
  const [found, wanted] = [
    await send(fast, update({ id: "a", appendText: "x" })),
    await send(long, update({ id: "a", appendText: "x" })),
  ];
  for (const { database } of [fast, long]) await database.rows(sql`ALTER TABLE hidden RENAME TO turn_chunks`);
  expect(found).toEqual(wanted);
  expect(found).toMatchObject({ status: 503 });
});

test("a mutation that fails is executed once", async () => {
  const fails = append({ conversationId: "none", turn: { role: "USER", messages: [] } });
  const wanted = await long.countStatements(() => send(long, fails));
  expect(await fast.countStatements(() => send(fast, fails))).toBe(wanted);
});
