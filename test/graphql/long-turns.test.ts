import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";

import type { TurnRecord } from "../../src/model/conversation-record.ts";
import { conversation, store, text, turn } from "../harness/conversations.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { append, create, readTurns, update, words } from "../harness/writes.ts";
import { type Input, type Mutation, refuse } from "./refuse.ts";

const MOST = 2_097_152;
/** What stands around one finished text in a turn's messages. */
const AROUND = JSON.stringify([text("")]).length;
const answering: Partial<TurnRecord> = { role: "assistant", state: "in-progress", messages: [] };

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ MAX_BODY_BYTES: "20000000" });
  await store(server.database, [conversation("c", { turns: [turn("answer", answering)] })]);
});
afterAll(() => server.close());

const long = (bytes: number) => words("x".repeat(bytes));
const turnOf = (given: Input) => ({ role: "ASSISTANT", messages: [], ...given });

test.each<[string, Mutation, Input]>([
  ["input.turn.messages", "appendTurn", { conversationId: "c", turn: turnOf({ messages: [long(MOST - AROUND + 1)] }) }],
  [
    "input.turn.messages",
    "appendTurn",
    { conversationId: "c", turn: turnOf({ messages: [words("é".repeat(MOST / 2))] }) },
  ],
  [
    "input.turn.errorDetail",
    "appendTurn",
    {
      conversationId: "c",
      turn: turnOf({ state: "ERROR", messages: [long(MOST / 2)], errorDetail: "x".repeat(MOST / 2) }),
    },
  ],
  ["input.turns.1.messages", "createConversation", { turns: [turnOf({}), turnOf({ messages: [long(MOST)] })] }],
  ["input.messages", "updateTurn", { id: "answer", messages: [long(MOST)] }],
  ["input.appendMessages", "updateTurn", { id: "answer", appendMessages: [long(MOST)] }],
  ["input.appendText", "updateTurn", { id: "answer", appendText: "x".repeat(MOST) }],
  ["input.errorDetail", "updateTurn", { id: "answer", state: "ERROR", errorDetail: "x".repeat(MOST) }],
])("a turn of more than 2 MB is refused, naming %s: %s", async (argument, mutation, input) => {
  const refused = await refuse(server, mutation, input, "LIMIT_EXCEEDED");
  expect(refused).toEqual({ argument, message: `A turn may have up to ${MOST} bytes.` });
});

test("a turn of just so many bytes is stored and shown", async () => {
  const id = await create(server);
  const content = "é".repeat((MOST - AROUND) / 2);
  await append(server, { conversationId: id, turn: turnOf({ messages: [words(content)] }) });
  expect((await readTurns(server, id))[0].messages[0].content).toBe(content);
});

test("a turn cannot grow past it word by word, and goes on as it was", async () => {
  const id = await create(server);
  const { id: growing } = await append(server, { conversationId: id, turn: turnOf({ state: "IN_PROGRESS" }) });
  const piece = "x".repeat(1_000_000);
  await update(server, { id: growing, appendText: piece });
  await update(server, { id: growing, appendText: piece });
  const { argument } = await refuse(server, "updateTurn", { id: growing, appendText: piece }, "LIMIT_EXCEEDED");
  expect(argument).toBe("input.appendText");
  const done = await update(server, { id: growing, appendText: ".", state: "DONE" });
  expect(done.messages).toMatchObject([{ content: `${piece}${piece}.`, state: "DONE" }]);
});

test("one that was longer before there was a rule is shown, and may become shorter", async () => {
  const content = "x".repeat(MOST);
  await store(server.database, [conversation("old", { turns: [turn("old turn", answering)] })]);
  await server.database.rows(sql`ALTER TABLE turns DROP CONSTRAINT turns_bytes_check`);
  await server.database.rows(
    sql`UPDATE turns SET messages = ${JSON.stringify([{ ...text(content), state: "in-progress" }])}::json WHERE id = 'old turn'`,
  );
  await server.database.rows(
    sql`ALTER TABLE turns ADD CONSTRAINT turns_bytes_check CHECK (bytes <= ${sql.raw(String(MOST))}) NOT VALID`,
  );
  expect((await readTurns(server, "old"))[0].messages[0].content).toBe(content);
  expect((await refuse(server, "updateTurn", { id: "old turn", state: "DONE" }, "LIMIT_EXCEEDED")).argument).toBe(
    "input.messages",
  );
  expect(await update(server, { id: "old turn", messages: [words("short")], state: "DONE" })).toMatchObject({
    state: "DONE",
  });
});
