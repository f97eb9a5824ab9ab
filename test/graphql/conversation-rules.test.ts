import { afterAll, beforeAll, expect, test } from "vitest";

import { ask } from "../harness/graphql.ts";
import type { TestServer } from "../harness/server.ts";
import { says } from "../harness/writes.ts";
import { DOCUMENTS, type Input, refuse, startWithTurns } from "./refuse.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startWithTurns();
});
afterAll(() => server.close());

const entry = (key: string, value = "") => ({ key, value });
const entries = (count: number) => Array.from({ length: count }, (_, index) => entry(`k${index}`));
const smileys = (count: number) => "\u{1F600}".repeat(count);
const LONE = "x\ud800";
const stopped = { ...says("b"), state: "STOPPED" };
const reply = { role: "ASSISTANT", messages: [], inReplyToId: "question" };

type Rule = [string, Input, string];

test.each<Rule>([
  ["17 pairs", { metadata: entries(17) }, "input.metadata"],
  ["a key of 65 characters", { metadata: [entry("a"), entry("k".repeat(65))] }, "input.metadata.1.key"],
  ["a key of 65 smileys", { metadata: [entry(smileys(65))] }, "input.metadata.0.key"],
  ["a value of 513 smileys", { metadata: [entry("k", smileys(513))] }, "input.metadata.0.value"],
  ["a key twice", { metadata: [entry("a", "1"), entry("b"), entry("a", "1")] }, "input.metadata.2.key"],
  ["NUL in a key", { metadata: [entry("a\0")] }, "input.metadata.0.key"],
  ["half a surrogate pair in a value", { metadata: [entry("a", LONE)] }, "input.metadata.0.value"],
  ["an agent without a name", { agent: { name: "" } }, "input.agent.name"],
  ["an agent's name of 129 characters", { agent: { name: "a".repeat(129) } }, "input.agent.name"],
  ["an agent's name with a colon", { agent: { name: "a:1" } }, "input.agent.name"],
  ["an empty version", { agent: { name: "a", version: "" } }, "input.agent.version"],
  ["a version of 129 characters", { agent: { name: "a", version: "1".repeat(129) } }, "input.agent.version"],
  ["a bad second turn", { turns: [says("a"), stopped] }, "input.turns.1.state"],
  ["NUL in a turn", { turns: [says("a"), says("b\0")] }, "input.turns.1.messages.0.text.content"],
  ["a reply", { turns: [says("a"), reply] }, "input.turns.1.inReplyToId"],
  ["an empty idempotency key", { idempotencyKey: "" }, "input.idempotencyKey"],
])("createConversation with %s is BAD_USER_INPUT", async (_name, input, argument) => {
  expect(await refuse(server, "createConversation", input, "BAD_USER_INPUT")).toMatchObject({ argument });
});

test.each<Rule>([
  ["17 pairs", { id: "c", metadata: entries(17) }, "input.metadata"],
  ["a key twice", { id: "c", metadata: [entry("a"), entry("a")] }, "input.metadata.1.key"],
  ["a value of 513 characters", { id: "c", metadata: [entry("a", "v".repeat(513))] }, "input.metadata.0.value"],
  ["NUL in the id", { id: "c\0" }, "input.id"],
])("updateConversation with %s is BAD_USER_INPUT", async (_name, input, argument) => {
  expect(await refuse(server, "updateConversation", input, "BAD_USER_INPUT")).toMatchObject({ argument });
});

test("deleteConversation with NUL in the id is BAD_USER_INPUT", async () => {
  const refused = await refuse(server, "deleteConversation", { id: "c\0" }, "BAD_USER_INPUT");
  expect(refused.argument).toBe("input.id");
});

test("what is just within the limits is stored", async () => {
  const metadata = [entry(smileys(64), smileys(512)), entry(""), ...entries(14)];
  const agent = { name: "a".repeat(128), version: ":".repeat(128) };
  const input = { metadata, agent, idempotencyKey: smileys(255) };
  const { createConversation } = await ask(server, DOCUMENTS.createConversation, { input });
  const query = "query ($id: ID!) { conversation(id: $id) { metadata agent { name version } } }";
  const { conversation } = await ask(server, query, createConversation.conversation);
  expect(conversation.metadata).toEqual(Object.fromEntries(metadata.map(({ key, value }) => [key, value])));
  expect(conversation.agent).toEqual(agent);
});
