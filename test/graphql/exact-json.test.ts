import { afterAll, beforeAll, expect, test } from "vitest";

import { startTestServer, type TestServer } from "../harness/server.ts";
import { create } from "../harness/writes.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

// No double holds any of these: parsed and printed again, each would be another number.
const NUMBERS =
  '{"order":12345678901234567890,"deep":{"list":[[-9007199254740993,{"id":18446744073709551615}],"x",null,true]},"fraction":0.1234567890123456789,"huge":1e400,"z":{},"a":[]}';
// JavaScript moves keys that look like indices to the front. A literal of GraphQL cannot have such keys.
const ARGS = `{"title":"x","2024":{"b":1,"1":[{"z":0,"0":1}]},"2023":1,"numbers":${NUMBERS}}`;
const ARGS_LITERAL = NUMBERS.replaceAll(/"(\w+)":/g, "$1:");
const FRAGMENT = "messages { ... on FunctionCallFragment { args metadata } }";

/** The answer as it came, as no number may be parsed on the way. */
async function postText(body: string): Promise<string> {
  const headers = { "content-type": "application/json" };
  return (await fetch(`${server.origin}/graphql`, { method: "POST", headers, body })).text();
}

function throughVariables(id: string): string {
  const query = `mutation ($input: AppendTurnInput!) { appendTurn(input: $input) { turn { id ${FRAGMENT} } } }`;
  const call = `{"functionCall":{"name":"f","args":${ARGS},"metadata":${ARGS}}}`;
  const turn = `{"role":"ASSISTANT","state":"IN_PROGRESS","messages":[${call}]}`;
  return `{"query":${JSON.stringify(query)},"variables":{"input":{"conversationId":"${id}","turn":${turn}}}}`;
}

function throughArgsVariable(id: string): string {
  const query = `mutation ($args: JSONObject!) { appendTurn(input: { conversationId: "${id}", turn: {
    role: ASSISTANT, state: IN_PROGRESS, messages: [{ functionCall: { name: "f", args: $args, metadata: $args } }]
  } }) { turn { id ${FRAGMENT} } } }`;
  return `{"query":${JSON.stringify(query)},"variables":{"args":${ARGS}}}`;
}

function throughLiterals(id: string): string {
  const query = `mutation { appendTurn(input: { conversationId: "${id}", turn: {
    role: ASSISTANT, state: IN_PROGRESS,
    messages: [{ functionCall: { name: "f", args: ${ARGS_LITERAL}, metadata: ${ARGS_LITERAL} } }]
  } }) { turn { id ${FRAGMENT} } } }`;
  return JSON.stringify({ query });
}

test.each([
  ["variables", throughVariables, ARGS],
  ["a variable inside a literal", throughArgsVariable, ARGS],
  ["literals", throughLiterals, NUMBERS],
])("a call's arguments stay as they are through %s, on every surface and over a change", async (_name, body, args) => {
  const agent = `a${crypto.randomUUID()}`;
  const id = await create(server, { agent: { name: agent } });
  const kept = `"args":${args},"metadata":${args}}`;
  const appended = await postText(body(id));
  expect(appended).toContain(kept);

  const { data } = JSON.parse(appended);
  const query = `mutation ($input: UpdateTurnInput!) { updateTurn(input: $input) { turn { ${FRAGMENT} } } }`;
  const input = { id: data.appendTurn.turn.id, appendText: "and", state: "DONE" };
  expect(await postText(JSON.stringify({ query, variables: { input } }))).toContain(kept);

  const read = `{ conversation(id: "${id}") { turns { nodes { ${FRAGMENT} } } } }`;
  expect(await postText(JSON.stringify({ query: read }))).toContain(kept);
  const list = await fetch(`${server.origin}/api/v1/agents/${agent}/conversations`);
  expect(await list.text()).toContain(`{"kind":"functionCall","name":"f",${kept}`);
});

test("fractions and exponents keep their spelling in literals", async () => {
  const id = await create(server);
  const args = "{ a: 1.10, b: 1e400, c: 0.1234567890123456789, d: 1E2 }";
  const query = `mutation { appendTurn(input: { conversationId: "${id}", turn: {
    role: USER, messages: [{ functionCall: { name: "f", args: ${args} } }]
  } }) { turn { ${FRAGMENT} } } }`;
  const stored = '"args":{"a":1.10,"b":1e400,"c":0.1234567890123456789,"d":1E2}';
  expect(await postText(JSON.stringify({ query }))).toContain(stored);
});

test("a conversation's metadata keep the order of their keys", async () => {
  const metadata = ["b", "10", "a", "9"].map((key) => ({ key, value: key }));
  const query = `mutation ($input: CreateConversationInput!) {
    createConversation(input: $input) { conversation { metadata } } }`;
  const created = await postText(JSON.stringify({ query, variables: { input: { metadata } } }));
  expect(created).toContain('"metadata":{"b":"b","10":"10","a":"a","9":"9"}');
  const list = await (await fetch(`${server.origin}/openai/v1/conversations?limit=1`)).text();
  expect(list).toContain('"metadata":{"b":"b","10":"10","a":"a","9":"9"}');
});
