import { afterAll, beforeAll, expect, test } from "vitest";

import type { MessageFragment } from "../../src/model/message-fragment.ts";
import { conversation, store, text, turn } from "../harness/conversations.ts";
import { ask } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

const FRAGMENTS: MessageFragment[] = [
  text(""),
  {
    kind: "text",
    content: "Grüße 🙂\n\u2028",
    state: "in-progress",
    metadata: { lang: "de", n: [1, null] },
  },
  { kind: "functionCall", name: "pay", args: { b: { a: [1, { deep: true }] }, a: null }, metadata: {} },
  {
    kind: "functionCall",
    name: "numbers",
    args: {
      order: JSON.rawJSON("12345678901234567890"),
      list: [1, JSON.rawJSON("-9007199254740993")],
      price: JSON.rawJSON("10.50"),
    },
  },
  {
    kind: "functionResponse",
    name: "pay",
    response: '{"b": 10.50,\t"a":null}',
    failed: true,
    metadata: { id: 1 },
  },
  { kind: "functionResponse", name: "pay", response: "", failed: false },
];

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  const mixed = turn("mixed", { role: "assistant", messages: FRAGMENTS });
  await store(server.database, [conversation("c", { turns: [turn("silent", { messages: [] }), mixed] })]);
});
afterAll(() => server.close());

const MESSAGES = `query ($id: ID!) { node(id: $id) { ... on Turn { messages {
  __typename
  ... on TextFragment { content state metadata }
  ... on FunctionCallFragment { name args metadata }
  ... on FunctionResponseFragment { name response failed metadata }
} } } }`;

test("messages hold every kind of fragment as it was given", async () => {
  const { node } = await ask(server, MESSAGES, { id: "mixed" });
  const [empty, german, call, numbers, response, silent] = node.messages;
  expect(empty).toEqual({ __typename: "TextFragment", content: "", state: "DONE", metadata: null });
  const metadata = { lang: "de", n: [1, null] };
  expect(german).toEqual({ __typename: "TextFragment", content: "Grüße 🙂\n\u2028", state: "IN_PROGRESS", metadata });
  const args = { b: { a: [1, { deep: true }] }, a: null };
  expect(call).toEqual({ __typename: "FunctionCallFragment", name: "pay", args, metadata: {} });
  expect(numbers).toMatchObject({ __typename: "FunctionCallFragment", name: "numbers", metadata: null });
  const common = { __typename: "FunctionResponseFragment", name: "pay" };
  expect(response).toEqual({ ...common, response: '{"b": 10.50,\t"a":null}', failed: true, metadata: { id: 1 } });
  expect(silent).toEqual({ ...common, response: "", failed: false, metadata: null });
  expect((await ask(server, MESSAGES, { id: "silent" })).node.messages).toEqual([]);
});

test("arguments keep the order of their keys and the digits of their numbers", async () => {
  const response = await fetch(`${server.origin}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: MESSAGES, variables: { id: "mixed" } }),
  });
  const body = await response.text();
  expect(body).toContain('"args":{"b":{"a":[1,{"deep":true}]},"a":null}');
  expect(body).toContain('"args":{"order":12345678901234567890,"list":[1,-9007199254740993],"price":10.50}');
});
