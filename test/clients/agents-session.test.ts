import { OpenAIConversationsSession } from "@openai/agents-openai";
import OpenAI from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";

import { startTestServer, type TestServer } from "../harness/server.ts";
import { runExample } from "./readme-example.ts";

let server: TestServer;
let client: OpenAI;
beforeAll(async () => {
  server = await startTestServer();
  client = new OpenAI({ apiKey: "any", maxRetries: 0, baseURL: `${server.origin}/openai/v1` });
});
afterAll(() => server.close());

type SessionItem = Awaited<ReturnType<OpenAIConversationsSession["getItems"]>>[number];

const said = (role: "user" | "assistant", text: string): SessionItem =>
  role === "user"
    ? { type: "message", role, content: [{ type: "input_text", text }] }
    : { type: "message", role, status: "completed", content: [{ type: "output_text", text }] };

const CALL: SessionItem = {
  type: "function_call",
  callId: "call_1",
  name: "getForecast",
  status: "completed",
  arguments: '{"day":"tomorrow"}',
};
const RESULT: SessionItem = {
  type: "function_call_result",
  callId: "call_1",
  name: "getForecast",
  status: "completed",
  output: { type: "text", text: '{"rain":0.9}' },
};
const REASONING: SessionItem = {
  type: "reasoning",
  id: "rs_brought",
  content: [{ type: "input_text", text: "It may rain." }],
};

/** The items as they read without what a store adds: ids, and what the client makes of them. */
const texts = (items: readonly SessionItem[]): string[] =>
  items.map((item) => {
    const role = "role" in item ? item.role : item.type;
    const [part] = "content" in item && Array.isArray(item.content) ? item.content : [];
    return part !== undefined && "text" in part ? `${role} ${part.text}` : String(role);
  });

test("first use makes a conversation; items come back in order, and over pages", async () => {
  const session = new OpenAIConversationsSession({ client });
  expect(await session.getItems()).toEqual([]);
  const id = await session.getSessionId();
  expect(id).toMatch(/^conv_/);
  const many = Array.from({ length: 250 }, (_, index) => said(index % 2 === 0 ? "user" : "assistant", `word ${index}`));
  for (let at = 0; at < many.length; at += 60) await session.addItems(many.slice(at, at + 60));
  expect(texts(await session.getItems())).toEqual(texts(many));
  expect(texts(await session.getItems(100))).toEqual(texts(many.slice(-100)));
  expect(texts(await session.getItems(3))).toEqual(texts(many.slice(-3)));
  // The session asks for a page of that size, which is more than the API gives.
  await expect(session.getItems(250)).rejects.toMatchObject({ code: "integer_above_max_value", param: "limit" });
  const again = new OpenAIConversationsSession({ client, conversationId: id });
  expect(texts(await again.getItems())).toEqual(texts(many));
});

test("popItem takes the last item of each type, and its fragment", async () => {
  const session = new OpenAIConversationsSession({ client });
  const items = [said("user", "Umbrella?"), REASONING, CALL, RESULT, said("assistant", "Yes.")];
  await session.addItems(items);
  const id = await session.getSessionId();
  for (let left = items.length - 1; left >= 0; left -= 1) {
    const popped = await session.popItem();
    expect(popped?.type ?? "message").toBe(items[left]?.type);
    expect(await session.getItems()).toHaveLength(left);
  }
  expect(await session.popItem()).toBeUndefined();
  expect(await turnsOf(id)).toEqual([]);
});

test("clearSession deletes the conversation, and the session goes on with a new one", async () => {
  const session = new OpenAIConversationsSession({ client });
  await session.addItems([said("user", "one")]);
  const first = await session.getSessionId();
  await session.clearSession();
  await expect(client.conversations.retrieve(first)).rejects.toMatchObject({ status: 404 });
  await session.addItems([said("user", "two")]);
  expect(await session.getSessionId()).not.toBe(first);
  expect(texts(await session.getItems())).toEqual(["user two"]);
});

test("what a session reads it can add elsewhere: the same items, the same turns", async () => {
  const [one, other] = [new OpenAIConversationsSession({ client }), new OpenAIConversationsSession({ client })];
  await one.addItems([
    said("user", "Umbrella?"),
    REASONING,
    CALL,
    RESULT,
    said("assistant", "Yes."),
    said("user", "And?"),
  ]);
  const read = await one.getItems();
  await other.addItems(read);
  // Ids are the store's, of the item and once more in what the client keeps of the provider's.
  const withoutIds = (items: readonly SessionItem[]) =>
    items.map(({ id: _id, providerData: { id: _stored, ...provider } = {}, ...rest }) => ({ ...rest, provider }));
  expect(withoutIds(await other.getItems())).toEqual(withoutIds(read));
  expect(await turnsOf(await other.getSessionId())).toEqual(await turnsOf(await one.getSessionId()));
});

test("an agent with a tool runs with its history here, watched by a subscription", { timeout: 60_000 }, async () => {
  const example = await runExample("Agents with a session", server.origin);
  expect(example.output).toEqual([
    "Yes, take one.",
    "FunctionCallFragment FunctionResponseFragment TextFragment",
    "message",
    "function_call",
    "function_call_output",
    "message",
  ]);
  expect(await example.typeFaults()).toBe("");
});

/** The conversation's turns as the graph shows them, without ids. */
async function turnsOf(id: string): Promise<unknown[]> {
  const query = `query ($id: ID!) { node(id: $id) { ... on Conversation { turns(first: 100) { nodes { role state messages {
    __typename ... on TextFragment { content } ... on FunctionCallFragment { name args }
    ... on FunctionResponseFragment { name response failed } } } } } } }`;
  const response = await fetch(`${server.origin}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables: { id } }),
  });
  const { data }: { data: { node: { turns: { nodes: unknown[] } } } } = JSON.parse(await response.text());
  return data.node.turns.nodes;
}
