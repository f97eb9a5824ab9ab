import { afterAll, beforeAll, expect, test } from "vitest";

import { ask } from "../harness/graphql.ts";
import type { TestServer } from "../harness/server.ts";
import { words } from "../harness/writes.ts";
import { byAssistant, byUser, DOCUMENTS, type Input, type Mutation, refuse, startWithTurns } from "./refuse.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startWithTurns();
});
afterAll(() => server.close());

type Rule = [string, Input, string];

const LONE = "x\ud800";
const smileys = (count: number) => "\u{1F600}".repeat(count);
const calls = (name: string, args: Input) => byUser({ messages: [{ functionCall: { name, args } }] });
const responds = (response: string) => byUser({ messages: [{ functionResponse: { name: "f", response } }] });
const nested = (depth: number) => JSON.parse(`${'{"a":'.repeat(depth)}{}${"}".repeat(depth)}`);

test.each<Rule>([
  ["a user's turn in progress", byUser({ state: "IN_PROGRESS" }), "input.turn.state"],
  ["a user's turn that was stopped", byUser({ state: "STOPPED" }), "input.turn.state"],
  ["a user's turn that failed", byUser({ state: "ERROR" }), "input.turn.state"],
  ["a user's turn that replies", byUser({ inReplyToId: "question" }), "input.turn.inReplyToId"],
  ["a user's error", byUser({ errorDetail: "x" }), "input.turn.errorDetail"],
  ["a finished turn's error", byAssistant({ errorDetail: "" }), "input.turn.errorDetail"],
  ["a stopped turn's error", byAssistant({ state: "STOPPED", errorDetail: "x" }), "input.turn.errorDetail"],
  ["a reply to an assistant", byAssistant({ inReplyToId: "finished" }), "input.turn.inReplyToId"],
  ["a reply into another conversation", byAssistant({ inReplyToId: "elsewhere" }), "input.turn.inReplyToId"],
  ["a reply to nothing", byAssistant({ inReplyToId: "nobody" }), "input.turn.inReplyToId"],
  ["a reply to the empty id", byAssistant({ inReplyToId: "" }), "input.turn.inReplyToId"],
  ["NUL in text", byUser({ messages: [words("a"), words("b\0")] }), "input.turn.messages.1.text.content"],
  ["half a surrogate pair", byUser({ messages: [words(LONE)] }), "input.turn.messages.0.text.content"],
  ["NUL in a name", calls("\0", {}), "input.turn.messages.0.functionCall.name"],
  ["NUL deep in args", calls("f", { a: [{ b: "\0" }] }), "input.turn.messages.0.functionCall.args.a.0.b"],
  ["NUL in a key of args", calls("f", { "a\0": 1 }), "input.turn.messages.0.functionCall.args"],
  ["NUL in a response", responds("\0"), "input.turn.messages.0.functionResponse.response"],
  ["NUL in the conversation's id", { ...byUser({}), conversationId: "c\0" }, "input.conversationId"],
  ["args that nest too deep", calls("f", nested(200)), "input"],
  ["an idempotency key of 256 smileys", { ...byUser({}), idempotencyKey: smileys(256) }, "input.idempotencyKey"],
  ["NUL in an idempotency key", { ...byUser({}), idempotencyKey: "\0" }, "input.idempotencyKey"],
])("appendTurn with %s is BAD_USER_INPUT", async (_name, input, argument) => {
  expect(await refuse(server, "appendTurn", input, "BAD_USER_INPUT")).toMatchObject({ argument });
});

test.each<Rule>([
  ["no change", { messages: null, expectedRevision: 1 }, "input"],
  ["an error alone", { errorDetail: "x" }, "input"],
  ["messages twice", { messages: [], appendMessages: [] }, "input.appendMessages"],
  ["an error beside a text", { appendText: "x", errorDetail: "x" }, "input.errorDetail"],
  ["an error beside DONE", { state: "DONE", errorDetail: "x" }, "input.errorDetail"],
  ["NUL in text", { appendText: "\0" }, "input.appendText"],
  ["NUL in a fragment", { appendMessages: [words("\0")] }, "input.appendMessages.0.text.content"],
])("updateTurn with %s is BAD_USER_INPUT", async (_name, change, argument) => {
  const input = { id: "answer", ...change };
  expect(await refuse(server, "updateTurn", input, "BAD_USER_INPUT")).toMatchObject({ argument });
});

test("arguments that nest 100 deep are stored", async () => {
  await ask(server, DOCUMENTS.appendTurn, { input: calls("f", nested(100)) });
});

const FRAGMENT = "input.turn.messages[0]";

test.each<Rule>([
  ["two kinds in a fragment", { text: { content: "" }, functionCall: { name: "f", args: {} } }, FRAGMENT],
  ["a fragment of no kind", {}, FRAGMENT],
  ["a fragment that is null", { text: null }, `${FRAGMENT}.text`],
  ["a text without content", { text: { state: "DONE" } }, `${FRAGMENT}.text`],
  ["args that are a list", { functionCall: { name: "f", args: [] } }, `${FRAGMENT}.functionCall.args`],
  ["args that are a big number", { functionCall: { name: "f", args: 1e20 } }, `${FRAGMENT}.functionCall.args`],
])("%s is refused by its type, with its place in the message", async (_name, fragment, place) => {
  const refused = await refuse(server, "appendTurn", byUser({ messages: [fragment] }), "BAD_USER_INPUT");
  expect(refused.message).toContain(`"${place}"`);
});

test.each<[string, Mutation, Input, string]>([
  ["a state that is none", "appendTurn", byUser({ state: "done" }), "input.turn.state"],
  ["no messages", "appendTurn", { conversationId: "c", turn: { role: "USER" } }, "messages"],
  ["a time without a zone", "appendTurn", byUser({ timestamp: "2024-05-20T10:00:00" }), "input.turn.timestamp"],
  ["a day that is none", "appendTurn", byUser({ timestamp: "2024-02-30T10:00:00Z" }), "input.turn.timestamp"],
  ["an unknown field", "createConversation", { createdBy: "mine" }, "createdBy"],
  ["a half revision", "updateTurn", { id: "answer", expectedRevision: 1.5 }, "input.expectedRevision"],
])("%s (%s) is refused by its type, with its name in the message", async (_name, mutation, input, place) => {
  expect((await refuse(server, mutation, input, "BAD_USER_INPUT")).message).toContain(`"${place}"`);
});

test.each<[string, Mutation, Input, string]>([
  ["nothing", "updateConversation", { id: "nobody", metadata: [] }, "input.id"],
  ["nothing, without a change", "updateConversation", { id: "nobody" }, "input.id"],
  ["a turn", "updateConversation", { id: "answer" }, "input.id"],
  ["nothing", "deleteConversation", { id: "nobody" }, "input.id"],
  ["a turn", "deleteConversation", { id: "answer" }, "input.id"],
  ["nothing", "appendTurn", { ...byUser({}), conversationId: "nobody" }, "input.conversationId"],
  [
    "nothing, with a key",
    "appendTurn",
    { ...byUser({}), conversationId: "x", idempotencyKey: "k" },
    "input.conversationId",
  ],
  ["a turn", "appendTurn", { ...byUser({}), conversationId: "question" }, "input.conversationId"],
  ["no id at all", "appendTurn", { ...byUser({}), conversationId: "x".repeat(10_000) }, "input.conversationId"],
  ["nothing", "updateTurn", { id: "nobody", appendText: "x" }, "input.id"],
  ["a conversation", "updateTurn", { id: "c", appendText: "x" }, "input.id"],
  ["no id at all", "updateTurn", { id: "", appendText: "x" }, "input.id"],
])("an id that names %s is NOT_FOUND to %s", async (_name, mutation, input, argument) => {
  expect(await refuse(server, mutation, input, "NOT_FOUND")).toMatchObject({ argument });
});
