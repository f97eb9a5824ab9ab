import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";

import { createSchema } from "../../src/graphql/schema/schema.ts";
import { deleteIdle } from "../../src/store/write/delete-idle.ts";
import { endStaleTurns } from "../../src/store/write/end-stale-turns.ts";
import { conversation, turn } from "../harness/conversations.ts";
import { callApi, functionCall, functionOutput, user } from "../harness/conversations-api.ts";
import { ask } from "../harness/graphql.ts";
import type { TestServer } from "../harness/server.ts";
import { startTwoSides, type TwoSides, withoutOwn } from "../harness/two-sides.ts";
import { watch } from "../harness/watch.ts";
import { words } from "../harness/writes.ts";

const WRITTEN = new Date("2024-10-27T00:30:00.001Z");
const IDLE = conversation("idle", { createdAt: WRITTEN, turns: [turn("i1", { timestamp: WRITTEN })] });

let sides: TwoSides;
beforeAll(async () => {
  sides = await startTwoSides([IDLE]);
});
afterAll(() => sides.close());

/** Does the same on both sides; what it answers has to be the same, and is answered. */
async function onBoth<Result>(work: (server: TestServer) => Promise<Result>): Promise<Result> {
  const [usual, other] = await Promise.all([sides.usual, sides.other].map(work));
  expect(other).toEqual(usual);
  if (usual === undefined) throw new Error("There are two sides.");
  return usual;
}

const TURN = "turn { id timestamp revision inReplyTo { timestamp } }";
const CONVERSATION = "conversation { id createdAt updatedAt lastTurn { timestamp } }";
const EDGE = "conversationEdge { cursor }";
const COPY = "conversation { createdAt updatedAt forkedFrom { conversation { createdAt } turn { timestamp } } }";

const question = { id: "m1", role: "USER", messages: [words("why?")], timestamp: "2024-10-27T02:30:00.001+02:00" };
const open = {
  id: "m2",
  role: "ASSISTANT",
  state: "IN_PROGRESS",
  inReplyToId: "m1",
  messages: [words("", "IN_PROGRESS")],
};
const answer = { ...open, timestamp: "1890-01-01T00:00:00Z" };
const pair = [{ key: "title", value: "a title" }];

const WRITES: [mutation: string, input: object, answers: string][] = [
  ["createConversation", { id: "made", turns: [question] }, `${CONVERSATION} ${EDGE}`],
  ["appendTurn", { conversationId: "made", turn: answer }, `${TURN} ${CONVERSATION}`],
  ["updateTurn", { id: "m2", appendText: "some" }, `${TURN} ${CONVERSATION}`],
  ["updateTurn", { id: "m2", appendText: " text", state: "DONE" }, `${TURN} ${CONVERSATION}`],
  ["setTurnMetadata", { id: "m1", set: pair }, `${TURN} ${CONVERSATION}`],
  ["updateConversation", { id: "made", setMetadata: pair }, CONVERSATION],
  ["forkConversation", { id: "made", upToTurnId: "m1" }, COPY],
  ["deleteTurn", { id: "m2" }, CONVERSATION],
  ["deleteConversation", { id: "idle" }, "deletedConversationId"],
];

const CHANGES = `subscription ($after: String) { conversationChanged(after: $after) {
  cursor deletedConversationId conversationEdge { node { id createdAt updatedAt } } turnEdge { node { timestamp } }
} }`;
const TURNS = `subscription { turnChanged(conversationId: "made", afterRevision: 0) {
  turn { id timestamp conversation { createdAt updatedAt } } deletedTurnId
} }`;

/** The next event, and the cursor that it comes with, which says when the server heard of it. */
async function next(watching: Awaited<ReturnType<typeof watch>>): Promise<{ text: string; cursor: string }> {
  const event = await watching.next();
  const { cursor = "", ...changed } = event?.data?.conversationChanged ?? event?.data?.turnChanged ?? { event };
  return { text: withoutOwn(JSON.stringify(changed)), cursor };
}

test("every mutation answers the same bytes, and subscriptions send them", async () => {
  const asked = Object.keys(createSchema().getMutationType()?.getFields() ?? {});
  expect([...new Set(WRITES.map(([name]) => name))].sort()).toEqual(asked.sort());
  await onBoth(async (server) => {
    const changes = await watch(server, {}, {}, CHANGES);
    onTestFinished(changes.leave);
    const answers: string[] = [];
    const events: string[] = [];
    let after = "";
    for (const [name, input, fields] of WRITES) {
      const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input!`;
      const document = `mutation ($input: ${type}) { ${name}(input: $input) { ${fields} } }`;
      answers.push(withoutOwn(JSON.stringify(await ask(server, document, { input }))));
      const { text, cursor } = await next(changes);
      events.push(text);
      if (after === "") after = cursor;
    }
    const [turns, missed] = [await watch(server, {}, {}, TURNS), await watch(server, { after }, {}, CHANGES)];
    for (const watching of [turns, missed]) {
      onTestFinished(watching.leave);
      events.push((await next(watching)).text, (await next(watching)).text);
    }
    return [answers, events];
  });
});

test("the Conversations API answers the same bytes", async () => {
  const statuses = await onBoth(async (server) => {
    const answers: [number, string][] = [];
    const call = async (...request: [method: "GET" | "POST" | "DELETE", path: string, body?: object]) => {
      const { status, text, body } = await callApi(server, ...request);
      answers.push([status, withoutOwn(text)]);
      return body;
    };
    const { id } = await call("POST", "", { items: [user("why?")], metadata: { topic: "demo" } });
    const { data } = await call("POST", `/${id}/items`, { items: [functionCall("c", "f"), functionOutput("c", "so")] });
    await call("GET", `/${id}`);
    await call("GET", `/${id}/items?limit=2`);
    await call("GET", `/${id}/items/${data[0].id}`);
    await call("POST", `/${id}`, { metadata: { topic: "project-x" } });
    await call("DELETE", `/${id}/items/${data[1].id}`);
    await call("DELETE", `/${id}`);
    return answers;
  });
  expect(statuses.map(([status]) => status)).toEqual(Array(8).fill(200));
});

test("what was left half an hour ago ends after twenty minutes, and not before an hour", async () => {
  const ended = await onBoth(async ({ origin, database }) => {
    const signal = new AbortController().signal;
    const { id: _id, inReplyToId: _question, ...begun } = open;
    const document = "mutation ($input: CreateConversationInput!) { createConversation(input: $input) { __typename } }";
    await ask({ origin }, document, { input: { turns: [begun] } });
    const halfAnHourAgo = sql`now() - make_interval(mins => 30)`;
    await database.rows(sql`UPDATE conversation_heads SET updated_at = ${halfAnHourAgo}, described_at = NULL`);
    const idle = [await deleteIdle(database, 1 / 24, signal), await endStaleTurns(database, 60, signal)];
    return [...idle, await endStaleTurns(database, 20, signal), await deleteIdle(database, 1 / 72, signal)];
  });
  // The copy and what was made; the one whose turn was stopped was written to by that.
  expect(ended).toEqual([0, 0, 1, 2]);
});
