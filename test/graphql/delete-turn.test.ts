import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";

import { forgetDeletedTurns } from "../../src/store/write/delete-turn.ts";
import { conversation, store, turn } from "../harness/conversations.ts";
import { ask, post } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { startTwin, type Twin } from "../harness/twin.ts";
import { type Watch, watch } from "../harness/watch.ts";
import { append, create, readTurns, says, update } from "../harness/writes.ts";

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

const DELETE = `mutation ($id: ID!) { deleteTurn(input: { id: $id }) {
  deletedTurnId conversation { id revision lastTurn { id } turns { totalCount } }
} }`;
const WATCH = `subscription ($conversationId: ID!, $afterRevision: Int) {
  turnChanged(conversationId: $conversationId, afterRevision: $afterRevision) {
    deletedTurnId appended { text } turnEdge { cursor }
    turn { id position revision state metadata messages { ... on TextFragment { content } } conversation { revision } }
  }
}`;
const OPEN = { role: "ASSISTANT", state: "IN_PROGRESS", messages: [] };
const next = async (watching: Watch) => (await watching.next())?.data.turnChanged;

test("the last turn goes, and watchers of every server see it in its last state", async () => {
  const conversationId = await create(server, { turns: [says("asked")] });
  const watching = await Promise.all([server, twin].map((one) => watch(one, { conversationId }, {}, WATCH)));
  const { id } = await append(server, { conversationId, turn: { ...OPEN, metadata: [{ key: "a", value: "b" }] } });
  for (const appendText of ["a", "b"]) await update(server, { id, appendText });
  const [question] = await readTurns(server, conversationId);
  expect((await ask(server, DELETE, { id })).deleteTurn).toEqual({
    deletedTurnId: id,
    conversation: { id: conversationId, revision: 5, lastTurn: { id: question.id }, turns: { totalCount: 1 } },
  });
  const last = {
    id,
    position: 2,
    revision: 5,
    state: "IN_PROGRESS",
    metadata: { a: "b" },
    messages: [{ content: "ab" }],
  };
  for (const one of watching) {
    let event = await next(one);
    while (event.deletedTurnId === null) event = await next(one);
    expect(event).toMatchObject({ deletedTurnId: id, appended: null, turn: last });
    one.leave();
  }
  expect((await append(server, { conversationId, turn: says("again") })).position).toBe(2);
  expect((await readTurns(server, conversationId)).map(({ revision }) => revision)).toEqual([1, 6]);
});

test("who resumes sees what went since, among what changed, in order of revision", async () => {
  const conversationId = await create(server, { turns: [says("1"), says("2"), says("3")] });
  const [, second, third] = await readTurns(server, conversationId);
  await ask(server, DELETE, { id: third.id });
  const { id } = await append(server, { conversationId, turn: says("4") });
  await ask(server, DELETE, { id });
  await ask(server, DELETE, { id: second.id });
  await append(server, { conversationId, turn: says("5") });
  const watching = await watch(server, { conversationId, afterRevision: 3 }, {}, WATCH);
  const seen = [];
  for (let count = 0; count < 4; count += 1) {
    const { turn: shown, deletedTurnId } = await next(watching);
    seen.push([shown.revision, shown.messages[0].content, deletedTurnId]);
  }
  watching.leave();
  expect(seen).toEqual([
    [4, "3", third.id],
    [6, "4", id],
    [7, "2", second.id],
    [8, "5", null],
  ]);
});

test("what is kept of a deleted turn goes after a day, and with its conversation", async () => {
  const [kept, old, gone] = await Promise.all([1, 2, 3].map(() => create(server, { turns: [says("secret")] })));
  for (const conversationId of [kept, old, gone]) {
    const [{ id }] = await readTurns(server, conversationId ?? "");
    await ask(server, DELETE, { id });
  }
  await server.database.rows(sql`
    UPDATE deleted_turns SET deleted_at = now() - interval '25 hours' WHERE conversation_id = ${old}`);
  await ask(server, "mutation ($id: ID!) { deleteConversation(input: { id: $id }) { deletedConversationId } }", {
    id: gone,
  });
  await forgetDeletedTurns(server.database);
  const left = await server.database.rows<{ id: string }>(sql`
    SELECT conversation_id AS id FROM deleted_turns WHERE conversation_id IN (${kept}, ${old}, ${gone})`);
  expect(left).toEqual([{ id: kept }]);
});

test("an idempotency key of a turn that was deleted is CONFLICT, and its id is free again", async () => {
  const conversationId = await create(server);
  const input = { conversationId, turn: { ...says("x"), id: "regenerated" }, idempotencyKey: "once" };
  const { id } = await append(server, input);
  await ask(server, DELETE, { id });
  const query = "mutation ($input: AppendTurnInput!) { appendTurn(input: $input) { turn { id } } }";
  const { errors } = await post(server, query, { input });
  expect(errors).toMatchObject([{ extensions: { code: "CONFLICT", argument: "input.idempotencyKey" } }]);
  expect((await append(server, { ...input, idempotencyKey: null })).id).toBe("regenerated");
});

test("another turn than the last, one that is replied to, and none are refused, and nothing changes", async () => {
  const reply = turn("r1", { role: "assistant", inReplyToId: "r2" });
  await store(server.database, [conversation("replied", { turns: [reply, turn("r2")] })]);
  for (const [id, code] of [
    ["r1", "CONFLICT"],
    ["r2", "CONFLICT"],
    ["none", "NOT_FOUND"],
    ["replied", "NOT_FOUND"],
  ]) {
    const { errors } = await post(server, DELETE, { id });
    expect(errors).toMatchObject([{ extensions: { code, argument: "input.id" } }]);
  }
  expect((await readTurns(server, "replied")).map(({ id }) => id)).toEqual(["r1", "r2"]);
});

test("ten that delete and append at once leave positions without gaps", async () => {
  const conversationId = await create(server, { turns: [says("1"), says("2")] });
  const { id } = (await readTurns(server, conversationId))[1];
  const work = Array.from({ length: 10 }, (_, index) =>
    index % 2 === 0 ? post(server, DELETE, { id }) : append(server, { conversationId, turn: says("more") }),
  );
  await Promise.all(work);
  const positions = (await readTurns(server, conversationId)).map(({ position }) => position);
  expect(positions).toEqual(positions.map((_, index) => index + 1));
});
