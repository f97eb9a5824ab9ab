import { afterAll, beforeAll, expect, test } from "vitest";

import { parseJson } from "../../src/model/json.ts";
import type { MessageFragment } from "../../src/model/message-fragment.ts";
import { conversation, store, turn } from "../harness/conversations.ts";
import { ask } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

/** Of each metadata the id of the call. */
const CASES: [metadata: string | null, callId: string | null][] = [
  ['{"callId":"call_1"}', "call_1"],
  ['{"a":12345678901234567890,"callId":"é\\"\\u001f","b":{"callId":"x"}}', 'é"\u001f'],
  ['{"callId":""}', null],
  ['{"callId":null}', null],
  ['{"callId":7}', null],
  ['{"callId":["call_1"]}', null],
  ['{"callid":"call_1"}', null],
  ["{}", null],
  [null, null],
];

const withMetadata = (metadata: string | null) =>
  metadata === null ? {} : { metadata: parseJson(metadata) as object };
const MESSAGES = CASES.flatMap(([metadata]) => [
  { kind: "functionCall", name: "f", args: {}, ...withMetadata(metadata) },
  { kind: "functionResponse", name: "f", response: "", failed: false, ...withMetadata(metadata) },
]) as MessageFragment[];

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await store(server.database, [conversation("c", { turns: [turn("t", { role: "assistant", messages: MESSAGES })] })]);
});
afterAll(() => server.close());

const CALL_IDS = `messages {
  ... on FunctionCallFragment { callId }
  ... on FunctionResponseFragment { id: callId callId }
}`;
const EXPECTED = CASES.flatMap(([, callId]) => [{ callId }, { id: callId, callId }]);

test.each([
  ["compiled", ""],
  // Two fields that read by ids are answered by the resolvers.
  ["resolved", 'other: node(id: "none") { id }'],
])("a call and its response show the id in their metadata, %s", async (_how, more) => {
  const { node } = await ask(server, `{ node(id: "t") { ... on Turn { ${CALL_IDS} } } ${more} }`);
  expect(node.messages).toEqual(EXPECTED);
});
