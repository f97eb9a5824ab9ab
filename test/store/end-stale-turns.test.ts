import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";

import { endStaleTurns } from "../../src/store/write/end-stale-turns.ts";
import { ask, post } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { createTrigger } from "../harness/triggers.ts";
import { startTwin, type Twin } from "../harness/twin.ts";
import { watch } from "../harness/watch.ts";
import { append, create, readTurns, says, update, words } from "../harness/writes.ts";

const MINUTES = 60;
const ANSWER = { role: "ASSISTANT", state: "IN_PROGRESS", messages: [] };
const APPEND = 'mutation ($id: ID!) { updateTurn(input: { id: $id, appendText: "more" }) { turn { id } } }';
const ANN = { "x-ms-user-isolation-key": "ann" };

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

const end = () => endStaleTurns(server.database, MINUTES, new AbortController().signal);

/** A conversation of ann's with a question and an answer that is in progress. */
async function begin(...pieces: string[]): Promise<{ conversationId: string; id: string }> {
  const conversationId = await create(server, { turns: [says("why?")] }, ANN);
  const { id } = await append(server, { conversationId, turn: ANSWER }, ANN);
  for (const appendText of pieces) await update(server, { id, appendText }, ANN);
  return { conversationId, id };
}

async function leaveFor(minutes: number, conversationId: string): Promise<void> {
  await server.database.rows(sql`
    UPDATE conversation_heads SET updated_at = now() - make_interval(mins => ${minutes})
    WHERE conversation_id = ${conversationId}`);
}

test("a turn in progress of a conversation that was left alone is stopped, and watchers of every server see it", async () => {
  const { conversationId, id } = await begin("aban", "doned ", "\ud83d");
  const watching = [await watch(server, { conversationId }, ANN), await watch(twin, { conversationId }, ANN)];
  await leaveFor(MINUTES + 1, conversationId);
  expect(await end()).toBe(1);
  const text = { content: "abandoned \ufffd", state: "IN_PROGRESS" };
  for (const each of watching) {
    expect(await each.take(1)).toMatchObject([
      { id, revision: 6, state: "STOPPED", errorDetail: null, messages: [text] },
    ]);
    each.leave();
  }
  const { conversations } = await ask(server, '{ conversations(filter: { search: "abandoned" }) { nodes { id } } }');
  expect(conversations.nodes).toEqual([{ id: conversationId }]);
  const refused = await post(server, APPEND, { id }, ANN);
  expect(refused.errors?.[0]?.extensions).toMatchObject({ code: "CONFLICT", argument: "input.id" });
  expect(await end()).toBe(0);
  expect((await readTurns(server, conversationId, ANN))[1]).toMatchObject({ revision: 6, messages: [text] });
});

test("all of its turns in progress are, each with a revision of its own, and no other turn", async () => {
  const { conversationId } = await begin("one");
  await append(server, { conversationId, turn: { ...ANSWER, messages: [words("two")] } }, ANN);
  await append(server, { conversationId, turn: says("and?") }, ANN);
  await leaveFor(MINUTES + 1, conversationId);
  expect(await end()).toBe(2);
  const turns = await readTurns(server, conversationId, ANN);
  expect(turns.map(({ state, revision }) => [state, revision])).toEqual([
    ["DONE", 1],
    ["STOPPED", 6],
    ["STOPPED", 7],
    ["DONE", 5],
  ]);
});

test("those of a conversation that was written to since stay as they are", async () => {
  const { conversationId } = await begin("alive");
  await leaveFor(MINUTES - 1, conversationId);
  expect(await end()).toBe(0);
  expect((await readTurns(server, conversationId, ANN))[1].state).toBe("IN_PROGRESS");
});

test("a conversation that is being written to at this moment is passed over, without a wait", async () => {
  const { conversationId } = await begin("alive");
  await leaveFor(MINUTES + 1, conversationId);
  await server.database.transaction(async (transaction) => {
    await transaction.rows(
      sql`SELECT revision FROM conversation_heads WHERE project_id = 'default' AND conversation_id = ${conversationId} FOR UPDATE`,
    );
    expect(await end()).toBe(0);
  });
  expect(await end()).toBe(1);
});

test("two servers at once end each turn once", async () => {
  const begun = await Promise.all(Array.from({ length: 10 }, () => begin("left")));
  for (const { conversationId } of begun) await leaveFor(MINUTES + 1, conversationId);
  const ended = await Promise.all([end(), end(), end()]);
  expect(ended.reduce((sum, count) => sum + count)).toBe(10);
  for (const { conversationId } of begun) {
    expect((await readTurns(server, conversationId, ANN))[1]).toMatchObject({ state: "STOPPED", revision: 4 });
  }
});

test("one that cannot be ended keeps no other from its end", async () => {
  const { conversationId, id } = await begin("stuck");
  const other = await begin("free");
  for (const each of [conversationId, other.conversationId]) await leaveFor(MINUTES + 1, each);
  await server.database.rows(sql`
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$`);
  await createTrigger(
    server.database,
    sql`CREATE TRIGGER refuse BEFORE UPDATE ON turns FOR EACH ROW WHEN (OLD.id = ${sql.raw(`'${id}'`)}) EXECUTE FUNCTION refuse()`,
  );
  await expect(end()).rejects.toThrow("refused");
  expect((await readTurns(server, other.conversationId, ANN))[1].state).toBe("STOPPED");
  expect((await readTurns(server, conversationId, ANN))[1].state).toBe("IN_PROGRESS");
});
