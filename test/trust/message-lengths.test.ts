import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { shorten } from "../../src/model/errors.ts";
import { createKey } from "../../src/store/keys/keys.ts";
import { longestTurn } from "../harness/event-loop.ts";
import { rawGet } from "../harness/raw-request.ts";
import { json, LEGACY, send } from "../harness/send.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

const MAX = 1000;
const MAX_MS = 250;
const LONG = "x".repeat(900_000);

let server: TestServer;
let closed: TestServer;
let project: string;
beforeAll(async () => {
  server = await startTestServer();
  closed = await startTestServer({ INTROSPECTION: "0" });
  project = await createKey(closed.database, "shop", "project", null);
});
afterAll(() => Promise.all([server.close(), closed.close()]));

const sized = "query ($size: Int) { conversations(first: $size) { totalCount } }";
const filtered = "query ($filter: ConversationFilter) { conversations(filter: $filter) { totalCount } }";
const create =
  "mutation ($input: CreateConversationInput!) { createConversation(input: $input) { conversation { id } } }";
const called = (args: object) => ({ turns: [{ role: "USER", messages: [{ functionCall: { name: "f", args } }] }] });

describe("no message of GraphQL is longer, whatever it quotes", () => {
  test.each<[string, object]>([
    ["a value of a variable", { query: sized, variables: { size: LONG } }],
    ["a member of a variable", { query: filtered, variables: { filter: { [LONG]: 1 } } }],
    ["a value in the document", { query: `{ conversations(first: "${LONG}") { totalCount } }` }],
    ["a number in the document", { query: `{ conversations(first: ${"1".repeat(900_000)}) { totalCount } }` }],
    ["a text where none may stand", { query: `{ "${LONG}" }` }],
    ["a parameter", { query: "{ __typename }", [LONG]: 1 }],
    ["the path of an argument", { query: create, variables: { input: called({ [LONG]: "\0" }) } }],
  ])("%s", async (_what, request) => {
    const { status, body } = await send(server, LEGACY, "", json(request));
    expect(status).toBeLessThan(500);
    expect(body.errors?.length).toBeGreaterThan(0);
    for (const { message, extensions } of body.errors ?? []) {
      expect(message.length).toBeLessThanOrEqual(MAX);
      expect(String(extensions.argument ?? "").length).toBeLessThanOrEqual(MAX);
    }
    expect(JSON.stringify(body).length).toBeLessThan(4 * MAX);
  });
});

test.each([
  ["Foundry's parameter", `/openai/v1/conversations?order=${"x".repeat(20_000)}`],
  ["Foundry's number", `/openai/v1/conversations?limit=${"9".repeat(20_000)}`],
  ["Foundry's cursor", `/openai/v1/conversations?after=${"x".repeat(20_000)}`],
  ["Fixie's number", `/api/v1/agents/a/conversations?limit=${"x".repeat(20_000)}`],
  ["an unknown URL", `/${"x".repeat(20_000)}`],
])("no answer to a wrong request is longer, whatever it quotes: %s", async (_what, path) => {
  const { status, text } = await rawGet(server.origin + path);
  expect(status).toBeOneOf([400, 404]);
  const body: Record<string, unknown> = JSON.parse(text);
  const { message } = Object(body.error ?? { message: body.detail });
  expect(message.length).toBeLessThanOrEqual(MAX);
  expect(text.length).toBeLessThan(2 * MAX);
});

test("nor are the headers of an answer to a caller who accepts many media types, none of which there is", async () => {
  const { status, headers } = await rawGet(`${server.origin}/graphql?query={__typename}`, [
    `accept: ${"a/b,".repeat(15_000)}`,
  ]);
  expect(status).toBe(406);
  expect(headers.accept).toContain("application/graphql-response+json");
  expect(JSON.stringify(headers).length).toBeLessThan(2 * MAX);
});

test.each([
  ["within", "x".repeat(MAX), "x".repeat(MAX)],
  ["over", "x".repeat(MAX + 1), `${"x".repeat(MAX - 1)}…`],
  ["a pair just kept", `${"x".repeat(MAX - 3)}🙂xx`, `${"x".repeat(MAX - 3)}🙂…`],
  ["a pair at the cut", `${"x".repeat(MAX - 2)}🙂xx`, `${"x".repeat(MAX - 2)}…`],
  ["a half pair before the cut", `${"x".repeat(MAX - 3)}\udc00xxx`, `${"x".repeat(MAX - 3)}\udc00x…`],
])("a text is cut between two characters: %s", (_where, text, expected) => {
  expect(shorten(text)).toBe(expected);
  expect(shorten(text).length).toBeLessThanOrEqual(MAX);
});

test("a document made of suggestions holds nobody up, whether its caller is known or not", async () => {
  const request = json({ query: `{ "${" Did you mean ".repeat(70_000)}" }` });
  const turn = await longestTurn(async () => {
    for (const key of ["", "wrong", project]) {
      const { body } = await send(closed, LEGACY, "", { ...request, headers: { ...request.headers, "api-key": key } });
      expect(body.errors).toHaveLength(1);
      expect(body.errors?.[0]?.message.length).toBeLessThanOrEqual(MAX);
    }
  });
  expect(turn).toBeLessThan(MAX_MS);
});
