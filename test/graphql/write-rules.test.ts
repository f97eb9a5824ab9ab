import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";

import { conversation, store, turn } from "../harness/conversations.ts";
import { ask, post } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { says, words } from "../harness/writes.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  const answering = { role: "assistant", state: "in-progress" } as const;
  const turns = [turn("question"), turn("answer", answering), turn("finished", { role: "assistant" })];
  await store(server.database, [conversation("c", { turns }), conversation("other", { turns: [turn("elsewhere")] })]);
});
afterAll(() => server.close());

const DOCUMENTS = {
  createConversation: "mutation ($input: CreateConversationInput!) { createConversation(input: $input) { conversation { id } } }",
  updateConversation: "mutation ($input: UpdateConversationInput!) { updateConversation(input: $input) { conversation { id } } }",
  deleteConversation: "mutation ($input: DeleteConversationInput!) { deleteConversation(input: $input) { deletedConversationId } }",
  appendTurn: "mutation ($input: AppendTurnInput!) { appendTurn(input: $input) { turn { id } } }",
  updateTurn: "mutation ($input: UpdateTurnInput!) { updateTurn(input: $input) { turn { id } } }",
} as const;
type Mutation = keyof typeof DOCUMENTS;
type Input = Record<string, unknown>;
type Case = [string, Mutation, Input, string];

const entry = (key: string, value = "") => ({ key, value });
const entries = (count: number) => Array.from({ length: count }, (_, index) => entry(`k${index}`));
const smileys = (count: number) => "\u{1F600}".repeat(count);
const assistant = (given: Input) => ({ conversationId: "c", turn: { role: "ASSISTANT", messages: [], ...given } });
const user = (given: Input) => ({ conversationId: "c", turn: { role: "USER", messages: [], ...given } });
const fragments = (...messages: Input[]) => user({ messages });
const nested = (depth: number) => JSON.parse(`${'{"a":'.repeat(depth)}{}${"}".repeat(depth)}`);
const LONE = "x\ud800";

async function stored(): Promise<unknown> {
  return server.database.rows(sql`
    SELECT (SELECT json_agg(c ORDER BY c.id) FROM conversations c)::text AS conversations,
      (SELECT json_agg(h ORDER BY h.conversation_id) FROM conversation_heads h)::text AS heads,
      (SELECT json_agg(t ORDER BY t.id) FROM turns t)::text AS turns, (SELECT count(*) FROM idempotency_keys) AS keys`);
}

async function refuse(mutation: Mutation, input: Input, code: string): Promise<Record<string, unknown>> {
  const before = await stored();
  const { data, errors } = await post(server, DOCUMENTS[mutation], { input });
  expect(errors).toHaveLength(1);
  expect(errors?.[0]?.extensions.code).toBe(code);
  expect(data ?? { [mutation]: null }).toEqual({ [mutation]: null });
  expect(await stored()).toEqual(before);
  return { ...errors?.[0]?.extensions, message: errors?.[0]?.message };
}

test.each<Case>([
  ["17 pairs", "createConversation", { metadata: entries(17) }, "input.metadata"],
  ["a key of 65 characters", "createConversation", { metadata: [entry("a"), entry("k".repeat(65))] }, "input.metadata.1.key"],
  ["a key of 65 smileys", "createConversation", { metadata: [entry(smileys(65))] }, "input.metadata.0.key"],
  ["a value of 513 smileys", "createConversation", { metadata: [entry("k", smileys(513))] }, "input.metadata.0.value"],
  ["a key twice", "createConversation", { metadata: [entry("a", "1"), entry("b"), entry("a", "1")] }, "input.metadata.2.key"],
  ["NUL in a key", "createConversation", { metadata: [entry("a\0")] }, "input.metadata.0.key"],
  ["half a surrogate pair in a value", "createConversation", { metadata: [entry("a", LONE)] }, "input.metadata.0.value"],
  ["an agent without a name", "createConversation", { agent: { name: "" } }, "input.agent.name"],
  ["an agent's name of 129 characters", "createConversation", { agent: { name: "a".repeat(129) } }, "input.agent.name"],
  ["an agent's name with a colon", "createConversation", { agent: { name: "a:1" } }, "input.agent.name"],
  ["an empty version", "createConversation", { agent: { name: "a", version: "" } }, "input.agent.version"],
  ["a version of 129 characters", "createConversation", { agent: { name: "a", version: "1".repeat(129) } }, "input.agent.version"],
  ["a bad second turn", "createConversation", { turns: [says("a"), { ...says("b"), state: "STOPPED" }] }, "input.turns.1.state"],
  ["NUL in a turn", "createConversation", { turns: [says("a"), says("b\0")] }, "input.turns.1.messages.0.text.content"],
  ["a reply in a new conversation", "createConversation", { turns: [assistant({ inReplyToId: "question" }).turn] }, "input.turns.0.inReplyToId"],
  ["an empty key", "createConversation", { idempotencyKey: "" }, "input.idempotencyKey"],

  ["17 pairs", "updateConversation", { id: "c", metadata: entries(17) }, "input.metadata"],
  ["a key twice", "updateConversation", { id: "c", metadata: [entry("a"), entry("a")] }, "input.metadata.1.key"],
  ["NUL in the id", "updateConversation", { id: "c\0" }, "input.id"],
  ["NUL in the id", "deleteConversation", { id: "c\0" }, "input.id"],

  ["a user turn in progress", "appendTurn", user({ state: "IN_PROGRESS" }), "input.turn.state"],
  ["a user turn that was stopped", "appendTurn", user({ state: "STOPPED" }), "input.turn.state"],
  ["a user turn that failed", "appendTurn", user({ state: "ERROR" }), "input.turn.state"],
  ["a user turn that replies", "appendTurn", user({ inReplyToId: "question" }), "input.turn.inReplyToId"],
  ["a user turn's error", "appendTurn", user({ errorDetail: "x" }), "input.turn.errorDetail"],
  ["a finished turn's error", "appendTurn", assistant({ errorDetail: "" }), "input.turn.errorDetail"],
  ["a stopped turn's error", "appendTurn", assistant({ state: "STOPPED", errorDetail: "x" }), "input.turn.errorDetail"],
  ["a reply to an assistant", "appendTurn", assistant({ inReplyToId: "finished" }), "input.turn.inReplyToId"],
  ["a reply into another conversation", "appendTurn", assistant({ inReplyToId: "elsewhere" }), "input.turn.inReplyToId"],
  ["a reply to nothing", "appendTurn", assistant({ inReplyToId: "nobody" }), "input.turn.inReplyToId"],
  ["a reply to the empty id", "appendTurn", assistant({ inReplyToId: "" }), "input.turn.inReplyToId"],
  ["NUL in text", "appendTurn", fragments(words("a"), words("b\0")), "input.turn.messages.1.text.content"],
  ["half a surrogate pair", "appendTurn", fragments(words(LONE)), "input.turn.messages.0.text.content"],
  ["NUL in a name", "appendTurn", fragments({ functionCall: { name: "\0", args: {} } }), "input.turn.messages.0.functionCall.name"],
  ["NUL deep in args", "appendTurn", fragments({ functionCall: { name: "f", args: { a: [{ b: "\0" }] } } }), "input.turn.messages.0.functionCall.args.a.0.b"],
  ["NUL in a key of args", "appendTurn", fragments({ functionCall: { name: "f", args: { "a\0": 1 } } }), "input.turn.messages.0.functionCall.args"],
  ["NUL in a response", "appendTurn", fragments({ functionResponse: { name: "f", response: "\0" } }), "input.turn.messages.0.functionResponse.response"],
  ["NUL in a fragment's metadata", "appendTurn", fragments({ text: { content: "", metadata: { a: LONE } } }), "input.turn.messages.0.text.metadata.a"],
  ["args that nest too deep", "appendTurn", fragments({ functionCall: { name: "f", args: nested(200) } }), "input"],
  ["a key of 256 smileys", "appendTurn", { ...user({}), idempotencyKey: smileys(256) }, "input.idempotencyKey"],
  ["NUL in a key", "appendTurn", { ...user({}), idempotencyKey: "\0" }, "input.idempotencyKey"],

  ["no change", "updateTurn", { id: "answer", messages: null, expectedRevision: 1 }, "input"],
  ["an error alone", "updateTurn", { id: "answer", errorDetail: "x" }, "input"],
  ["messages twice", "updateTurn", { id: "answer", messages: [], appendMessages: [] }, "input.appendMessages"],
  ["an error beside a text", "updateTurn", { id: "answer", appendText: "x", errorDetail: "x" }, "input.errorDetail"],
  ["an error beside DONE", "updateTurn", { id: "answer", state: "DONE", errorDetail: "x" }, "input.errorDetail"],
  ["NUL in text", "updateTurn", { id: "answer", appendText: "\0" }, "input.appendText"],
  ["NUL in a fragment", "updateTurn", { id: "answer", appendMessages: [words("\0")] }, "input.appendMessages.0.text.content"],
])("%s (%s) is BAD_USER_INPUT", async (_name, mutation, input, argument) => {
  expect(await refuse(mutation, input, "BAD_USER_INPUT")).toMatchObject({ argument });
});

test.each<Case>([
  ["two kinds in a fragment", "appendTurn", fragments({ text: { content: "" }, functionCall: { name: "f", args: {} } }), "input.turn.messages[0]"],
  ["a fragment of no kind", "appendTurn", fragments(words("a"), {}), "input.turn.messages[1]"],
  ["a fragment that is null", "appendTurn", fragments({ text: null }), "input.turn.messages[0].text"],
  ["args that are a list", "appendTurn", fragments({ functionCall: { name: "f", args: [] } }), "input.turn.messages[0].functionCall.args"],
  ["args that are a big number", "appendTurn", fragments({ functionCall: { name: "f", args: 1e20 } }), "input.turn.messages[0].functionCall.args"],
  ["a state that is none", "appendTurn", user({ state: "done" }), "input.turn.state"],
  ["no messages", "appendTurn", { conversationId: "c", turn: { role: "USER" } }, "messages"],
  ["a time without a zone", "appendTurn", user({ timestamp: "2024-05-20T10:00:00" }), "input.turn.timestamp"],
  ["a day that is none", "appendTurn", user({ timestamp: "2024-02-30T10:00:00Z" }), "input.turn.timestamp"],
  ["an unknown field", "createConversation", { id: "mine" }, "id"],
  ["a revision that is no integer", "updateTurn", { id: "answer", appendText: "", expectedRevision: 1.5 }, "input.expectedRevision"],
])("%s (%s) is refused by its type, with its place in the message", async (_name, mutation, input, place) => {
  expect((await refuse(mutation, input, "BAD_USER_INPUT")).message).toContain(place);
});

test.each<Case>([
  ["updateConversation", "updateConversation", { id: "nobody", metadata: [] }, "input.id"],
  ["updateConversation of nothing", "updateConversation", { id: "nobody" }, "input.id"],
  ["updateConversation of a turn", "updateConversation", { id: "answer" }, "input.id"],
  ["deleteConversation", "deleteConversation", { id: "nobody" }, "input.id"],
  ["deleteConversation of a turn", "deleteConversation", { id: "answer" }, "input.id"],
  ["appendTurn", "appendTurn", { ...user({}), conversationId: "nobody", idempotencyKey: "k" }, "input.conversationId"],
  ["appendTurn to a turn", "appendTurn", { ...user({}), conversationId: "question" }, "input.conversationId"],
  ["appendTurn to no id at all", "appendTurn", { ...user({}), conversationId: "x".repeat(10_000) }, "input.conversationId"],
  ["updateTurn", "updateTurn", { id: "nobody", appendText: "x" }, "input.id"],
  ["updateTurn of a conversation", "updateTurn", { id: "c", appendText: "x" }, "input.id"],
  ["updateTurn of the empty id", "updateTurn", { id: "", appendText: "x" }, "input.id"],
])("%s of an id that names nothing is NOT_FOUND", async (_name, mutation, input, argument) => {
  expect(await refuse(mutation, input, "NOT_FOUND")).toMatchObject({ argument });
});

test("what is just within the limits is stored", async () => {
  const key = smileys(64);
  const metadata = [entry(key, smileys(512)), entry(""), ...entries(14)];
  const input = { metadata, agent: { name: "a".repeat(128), version: ":".repeat(128) }, idempotencyKey: smileys(255) };
  const { createConversation } = await ask(server, DOCUMENTS.createConversation, { input });
  const { id } = createConversation.conversation;
  const read = await ask(server, "query ($id: ID!) { conversation(id: $id) { metadata } }", { id });
  expect(read.conversation.metadata).toEqual(Object.fromEntries(metadata.map(({ key, value }) => [key, value])));
  await ask(server, DOCUMENTS.appendTurn, { input: fragments({ functionCall: { name: "f", args: nested(100) } }) });
});
