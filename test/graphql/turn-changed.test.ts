import { afterAll, beforeAll, expect, test } from "vitest";

import { ask } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { startTwin, type Twin } from "../harness/twin.ts";
import { watch } from "../harness/watch.ts";
import { append, create, says, update } from "../harness/writes.ts";

let server: TestServer;
let twin: Twin;
beforeAll(async () => {
  server = await startTestServer();
  twin = await startTwin(server);
});
afterAll(async () => {
  await twin.close();
  await server.close();
});

// Far less than the time after which a watcher reads without a notification.
const SOON_MS = 5_000;
const DELETE = "mutation ($id: ID!) { deleteConversation(input: { id: $id }) { deletedConversationId } }";
const positions = (turns: { position: number }[]) => turns.map(({ position }) => position);

test("every append and change comes as it happens, through whichever server it is written", async () => {
  const conversationId = await create(server, { turns: [says("before")] });
  const watching = await watch(server, { conversationId });
  for (const writer of [server, twin]) {
    const started = performance.now();
    const question = await append(writer, { conversationId, turn: says("one") });
    expect(await watching.take(1)).toMatchObject([question]);
    const reply = { role: "ASSISTANT", state: "IN_PROGRESS", messages: [], inReplyToId: question.id };
    const answer = await append(writer, { conversationId, turn: reply });
    expect(await watching.take(1)).toMatchObject([answer]);
    const said = await update(writer, { id: answer.id, appendText: "two" });
    expect(await watching.take(1)).toMatchObject([said]);
    const ended = await update(writer, { id: answer.id, state: "DONE" });
    expect(await watching.take(1)).toMatchObject([ended]);
    expect(performance.now() - started).toBeLessThan(SOON_MS);
  }
  watching.leave();
});

test("an event shows the conversation as it is by then, and the turn's place in it", async () => {
  const conversationId = await create(server);
  const watching = await watch(server, { conversationId });
  for (const totalCount of [1, 2]) {
    const { id } = await append(twin, { conversationId, turn: says("x") });
    const event = await watching.next();
    expect(event?.data.turnChanged.turn.conversation).toEqual({ id: conversationId, turns: { totalCount } });
    const { cursor, node } = event?.data.turnChanged.turnEdge ?? {};
    expect(node).toEqual({ id });
    const { conversation } = await ask(
      server,
      "query ($id: ID!, $before: String) { conversation(id: $id) { turns(before: $before, last: 9) { totalCount nodes { id } } } }",
      { id: conversationId, before: cursor },
    );
    expect(conversation.turns.nodes).toHaveLength(totalCount - 1);
  }
  watching.leave();
});

test("other conversations, and changes that are no turn's, are not told", async () => {
  const conversationId = await create(server);
  const other = await create(server);
  const watching = await watch(server, { conversationId });
  await append(server, { conversationId: other, turn: says("elsewhere") });
  await ask(
    server,
    "mutation ($id: ID!) { updateConversation(input: { id: $id, metadata: [] }) { conversation { id } } }",
    {
      id: conversationId,
    },
  );
  const { id } = await append(server, { conversationId, turn: says("here") });
  expect(await watching.take(1)).toMatchObject([{ id }]);
  watching.leave();
});

test("afterRevision gives first what changed since, each turn once in its last state, then what comes", async () => {
  const turns = Array.from({ length: 120 }, (_, index) => ({
    ...says(`${index}`),
    role: "ASSISTANT",
    state: "IN_PROGRESS",
  }));
  const conversationId = await create(server, { turns });
  const all = await watch(server, { conversationId, afterRevision: 0 });
  const seen = await all.take(120);
  expect(positions(seen)).toEqual(Array.from({ length: 120 }, (_, index) => index + 1));

  const changed = await update(server, { id: seen[4].id, appendText: "a" });
  const resumed = await watch(server, { conversationId, afterRevision: seen[117].revision });
  expect((await resumed.take(3)).map(({ revision }) => revision)).toEqual([119, 120, 121]);
  const upToDate = await watch(server, { conversationId, afterRevision: changed.revision });
  const last = await append(server, { conversationId, turn: says("last") });
  expect(await upToDate.take(1)).toMatchObject([last]);
  expect(await resumed.take(1)).toMatchObject([last]);
  expect(await all.take(2)).toMatchObject([changed, last]);
  for (const watching of [all, resumed, upToDate]) watching.leave();
});

test("streamed text may come in larger pieces, its last state always comes", async () => {
  const turn = { role: "ASSISTANT", state: "IN_PROGRESS", messages: [] };
  const conversationId = await create(server, { turns: [turn] });
  const watching = await watch(server, { conversationId, afterRevision: 0 });
  const [{ id }] = await watching.take(1);
  const pieces = Array.from({ length: 100 }, (_, index) => `${index} `);
  for (const [index, appendText] of pieces.entries()) await update(index % 2 ? server : twin, { id, appendText });
  const ended = await update(twin, { id, state: "DONE" });

  const revisions: number[] = [];
  let text = "";
  while (revisions.at(-1) !== ended.revision) {
    const [event] = await watching.take(1);
    const said: string = event.messages[0].content;
    expect(said.startsWith(text)).toBe(true);
    text = said;
    revisions.push(event.revision);
  }
  expect(text).toBe(pieces.join(""));
  expect(revisions).toEqual([...new Set(revisions)].toSorted((a, b) => a - b));
  watching.leave();
});

test("deleting the conversation completes the stream, through whichever server", async () => {
  for (const writer of [server, twin]) {
    const conversationId = await create(server, { turns: [says("one")] });
    const watching = await watch(server, { conversationId, afterRevision: 0 });
    await watching.take(1);
    const started = performance.now();
    await ask(writer, DELETE, { id: conversationId });
    expect(await watching.next()).toBeNull();
    expect(performance.now() - started).toBeLessThan(SOON_MS);
  }
});

test("a server that stops completes its streams", async () => {
  const stopping = await startTwin(server);
  const conversationId = await create(server);
  const watching = await watch(stopping, { conversationId });
  const stopped = stopping.close();
  expect(await watching.next()).toBeNull();
  watching.leave();
  await stopped;
});

test.each([
  ["an unknown conversation", { conversationId: "nobody" }, "NOT_FOUND", "conversationId"],
  ["no id at all", { conversationId: "" }, "NOT_FOUND", "conversationId"],
  ["NUL in the id", { conversationId: "\0" }, "BAD_USER_INPUT", "conversationId"],
  ["a revision below zero", { afterRevision: -1 }, "BAD_USER_INPUT", "afterRevision"],
  ["a revision to come", { afterRevision: 2 }, "BAD_USER_INPUT", "afterRevision"],
])("%s is an error, then the stream is complete", async (_name, variables, code, argument) => {
  const conversationId = await create(server, { turns: [says("one")] });
  const watching = await watch(server, { conversationId, ...variables });
  const event = await watching.next();
  expect(event?.data ?? null).toBeNull();
  const requestId = expect.stringMatching(/^req_[0-9a-f]{32}$/);
  expect(event?.errors).toMatchObject([{ extensions: { code, argument, requestId } }]);
  expect(await watching.next()).toBeNull();
});
