import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";

import { ask, post } from "../harness/graphql.ts";
import { whileLocked } from "../harness/locks.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { append, create, readTurns, says, update, words } from "../harness/writes.ts";

let server: TestServer;
let conversationId: string;
beforeAll(async () => {
  server = await startTestServer();
  conversationId = await create(server, { turns: [says("one")] });
});
afterAll(() => server.close());

const UPDATE = "mutation ($input: UpdateTurnInput!) { updateTurn(input: $input) { turn { id } } }";
const call = (name: string) => ({ functionCall: { name, args: {} } });
const conflict = (argument: string) => [{ path: ["updateTurn"], extensions: { code: "CONFLICT", argument } }];

/** A new assistant turn in progress that has said the text so far. */
async function start(given: Record<string, unknown> = {}) {
  const turn = { role: "ASSISTANT", state: "IN_PROGRESS", messages: [words("a", "IN_PROGRESS")], ...given };
  return append(server, { conversationId, turn });
}

test("effects come in the documented order: fragments, text, state", async () => {
  const { id, position, timestamp, revision } = await start();
  const replaced = await update(server, { id, messages: [call("pay"), words("b", "IN_PROGRESS")], appendText: "c" });
  expect(replaced).toMatchObject({ id, position, timestamp, state: "IN_PROGRESS", revision: revision + 1 });
  expect(replaced.messages).toMatchObject([{ name: "pay" }, { content: "bc", state: "IN_PROGRESS" }]);
  const ended = await update(server, { id, appendMessages: [call("ship")], appendText: "d", state: "DONE" });
  expect(ended).toMatchObject({ id, position, timestamp, state: "DONE", revision: revision + 2 });
  expect(ended.messages).toMatchObject([
    { name: "pay" },
    { content: "bc", state: "DONE" },
    { name: "ship" },
    { content: "d", state: "DONE" },
  ]);
  expect((await readTurns(server, conversationId)).find((turn) => turn.id === id)).toEqual(ended);
});

test.each([
  ["DONE", {}, "DONE"],
  ["STOPPED", {}, "IN_PROGRESS"],
  ["ERROR", {}, "IN_PROGRESS"],
  ["ERROR", { errorDetail: "out of words" }, "IN_PROGRESS"],
])("a turn that becomes %s %o is final", async (state, given, textState) => {
  const { id } = await start();
  const ended = await update(server, { id, state, ...given });
  expect(ended).toMatchObject({ state, errorDetail: null, ...given, messages: [{ content: "a", state: textState }] });
  const changes = [{ appendText: "b" }, { messages: [] }, { appendMessages: [] }, { state: "IN_PROGRESS" }, { state }];
  for (const change of changes) {
    const { data, errors } = await post(server, UPDATE, { input: { id, ...change } });
    expect(data).toEqual({ updateTurn: null });
    expect(errors).toMatchObject(conflict("input.id"));
  }
  expect((await readTurns(server, conversationId)).find((turn) => turn.id === id)).toEqual(ended);
});

test.each([
  ["a user's", { role: "USER", state: "DONE" }],
  ["appended as DONE", { state: "DONE" }],
  ["appended as STOPPED", { state: "STOPPED" }],
  ["appended as ERROR", { state: "ERROR", errorDetail: "x" }],
])("a turn that is %s is final, its text in progress too", async (_name, given) => {
  const { id, revision } = await start(given);
  const { errors } = await post(server, UPDATE, { input: { id, appendText: "b", expectedRevision: revision } });
  expect(errors).toMatchObject(conflict("input.id"));
});

test("a retry of appendText with the revision that it expects appends once", async () => {
  const { id, revision } = await start();
  const input = { id, appendText: "b", expectedRevision: revision };
  const changed = await update(server, input);
  const { data, errors } = await post(server, UPDATE, { input });
  expect(data).toEqual({ updateTurn: null });
  expect(errors).toMatchObject(conflict("input.expectedRevision"));
  expect(changed.messages).toMatchObject([{ content: "ab" }]);
  expect((await update(server, { id, appendText: "c", expectedRevision: changed.revision })).messages).toMatchObject([
    { content: "abc" },
  ]);
});

test("concurrent changes of one turn all take effect, each at a revision of its own", async () => {
  const { id, revision } = await start({ messages: [] });
  const letters = [..."abcdefghijklmnopqrst"];
  const changes = await Promise.all(letters.map((letter) => update(server, { id, appendText: letter })));
  const inOrder = changes.toSorted((a, b) => a.revision - b.revision);
  expect(inOrder.map((turn) => turn.revision)).toEqual(letters.map((_, index) => revision + 1 + index));
  const said = inOrder.map((turn) => turn.messages[0].content);
  expect([...said[19]].toSorted()).toEqual(letters);
  expect(said).toEqual(letters.map((_, index) => said[19].slice(0, index + 1)));
});

test("of two changes that expect the same revision one is refused", async () => {
  const { id, revision } = await start();
  const input = { id, appendText: "b", expectedRevision: revision };
  const answers = await Promise.all([post(server, UPDATE, { input }), post(server, UPDATE, { input })]);
  const refused = answers.filter(({ errors }) => errors !== undefined);
  expect(refused).toMatchObject([{ errors: conflict("input.expectedRevision") }]);
});

test("the conversation after the change is shown, and found by what the turn now says and calls", async () => {
  const { id } = await start();
  const found = async (filter: object) =>
    (
      await ask(server, "query ($filter: ConversationFilter) { conversations(filter: $filter) { totalCount } }", {
        filter,
      })
    ).conversations.totalCount;
  expect(await found({ calledFunction: "refund_now" })).toBe(0);
  await server.database.rows(sql`UPDATE conversation_heads SET updated_at = '2020-01-01T00:00:00Z'`);
  const { updateTurn } = await ask(
    server,
    "mutation ($input: UpdateTurnInput!) { updateTurn(input: $input) { turn { revision } conversation { id updatedAt } } }",
    { input: { id, appendMessages: [call("refund_now"), words("zanzibar")], state: "STOPPED" } },
  );
  expect(updateTurn.conversation.id).toBe(conversationId);
  expect(Date.parse(updateTurn.conversation.updatedAt)).toBeGreaterThan(Date.parse("2020-01-01T00:00:00Z"));
  expect(await found({ calledFunction: "refund_now" })).toBe(1);
  expect(await found({ search: "zanzibar" })).toBe(1);
});

test("a change that cannot be stored leaves the turn as it was", async () => {
  await server.database.rows(sql`
    ALTER TABLE turns ADD CONSTRAINT turns_unlucky_check CHECK (messages::text NOT LIKE '%unlucky%')`);
  const { id } = await start();
  const before = await readTurns(server, conversationId);
  const heads = sql`SELECT h::text FROM conversation_heads h`;
  const head = await server.database.rows(heads);
  const { errors } = await post(server, UPDATE, { input: { id, appendText: " unlucky", state: "DONE" } });
  expect(errors).toMatchObject([{ extensions: { code: "INTERNAL_SERVER_ERROR" } }]);
  expect(await readTurns(server, conversationId)).toEqual(before);
  expect(await server.database.rows(heads)).toEqual(head);
});

test("a turn whose conversation is deleted while the change waits is not found", async () => {
  const other = await create(server, { turns: [{ role: "ASSISTANT", state: "IN_PROGRESS", messages: [] }] });
  const [{ id }] = await readTurns(server, other);
  const remove = sql`DELETE FROM conversations WHERE id = ${other}`;
  const { data, errors } = await whileLocked(server.database, remove, () =>
    post(server, UPDATE, { input: { id, appendText: "late" } }),
  );
  expect(data).toEqual({ updateTurn: null });
  expect(errors).toMatchObject([{ extensions: { code: "NOT_FOUND", argument: "input.id" } }]);
});
