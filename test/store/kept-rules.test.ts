import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { brokenRules } from "../harness/broken-rules.ts";
import { ask, post } from "../harness/graphql.ts";
import { whileLocked } from "../harness/locks.ts";
import { runCommand } from "../harness/run-command.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { append, create, says } from "../harness/writes.ts";

// Each command is a process of its own.
vi.setConfig({ testTimeout: 120_000 });

const ANN = { "x-ms-user-isolation-key": "ann" };
const AGENT = { name: "shop", version: "2" };
const APPEND = "mutation ($input: AppendTurnInput!) { appendTurn(input: $input) { turn { id } } }";
const CREATE =
  "mutation ($input: CreateConversationInput!) { createConversation(input: $input) { conversation { id } } }";
const REMOVE = "mutation ($id: ID!) { deleteConversation(input: { id: $id }) { deletedConversationId } }";
const TOTAL = "query ($filter: ConversationFilter) { conversations(filter: $filter) { totalCount } }";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const importAll = (records: object[], ...options: string[]) =>
  runCommand(server.url, ["import", "-", ...options], JSON.stringify(records));
const total = async (filter: object, headers = {}) =>
  (await ask(server, TOTAL, { filter }, headers)).conversations.totalCount;
const sound = async () => expect(await brokenRules(server.database)).toEqual([]);

test("what callers create, append and delete is counted, and keys answer twice", async () => {
  const input = { agent: AGENT, turns: [says("a"), says("b")], idempotencyKey: "k" };
  const first = await create(server, input, ANN);
  expect(await create(server, input, ANN)).toBe(first);
  const other = await create(server, { agent: { name: "bank" } });
  await append(server, { conversationId: first, turn: says("c"), idempotencyKey: "l" }, ANN);
  await sound();
  expect([await total({}), await total({}, ANN), await total({ agentName: "shop" }, ANN)]).toEqual([2, 1, 1]);
  await ask(server, REMOVE, { id: other });
  await sound();
  expect([await total({}), await total({ agentName: "bank" })]).toEqual([1, 0]);
  const gone = await post(server, REMOVE, { id: other });
  expect(gone.errors).toMatchObject([{ extensions: { code: "NOT_FOUND", argument: "input.id" } }]);
});

test("ids of the caller's, copies, and turns that are deleted leave all rules kept", async () => {
  const id = "own";
  await create(server, { id, agent: AGENT, turns: [{ ...says("a"), id: "own 1" }] }, ANN);
  await append(server, { conversationId: id, turn: { ...says("b"), id: "own 2" } }, ANN);
  const gone = "mutation ($id: ID!) { deleteTurn(input: { id: $id }) { deletedTurnId } }";
  await ask(server, gone, { id: "own 2" }, ANN);
  await append(server, { conversationId: id, turn: { ...says("c"), id: "own 2" } }, ANN);
  const before = await total({}, ANN);
  const fork = "mutation ($id: ID!) { forkConversation(input: { id: $id }) { conversation { id } } }";
  await ask(server, fork, { id }, ANN);
  expect(await total({}, ANN)).toBe(before + 1);
  await sound();
  const { errors } = await post(server, CREATE, { input: { id: "own 2" } }, ANN);
  expect(errors).toMatchObject([{ extensions: { code: "CONFLICT", argument: "input.id" } }]);
});

test("a reply answers a user turn of its conversation, and nothing else", async () => {
  const conversationId = await create(server, {}, ANN);
  const elsewhere = await append(server, { conversationId: await create(server), turn: says("x") });
  const question = await append(server, { conversationId, turn: says("why?") }, ANN);
  const reply = (inReplyToId: string) => ({ role: "ASSISTANT", messages: [], inReplyToId });
  const answer = await append(server, { conversationId, turn: reply(question.id) }, ANN);
  for (const id of [answer.id, elsewhere.id, "turn_none"]) {
    for (const idempotencyKey of [null, `reply to ${id}`]) {
      const { data, errors } = await post(
        server,
        APPEND,
        { input: { conversationId, turn: reply(id), idempotencyKey } },
        ANN,
      );
      expect(data).toEqual({ appendTurn: null });
      expect(errors).toMatchObject([
        {
          message: "`inReplyToId` must name a user turn of the same conversation.",
          extensions: { code: "BAD_USER_INPUT", argument: "input.turn.inReplyToId" },
        },
      ]);
    }
  }
  const unseen = await post(server, APPEND, { input: { conversationId: "none", turn: reply(question.id) } }, ANN);
  expect(unseen.errors).toMatchObject([{ extensions: { code: "NOT_FOUND", argument: "input.conversationId" } }]);
  await sound();
});

test.each([null, "waits"])(
  "a reply that waits while its question is replaced is refused: key %s",
  async (idempotencyKey) => {
    const conversationId = await create(server, {}, ANN);
    const question = await append(server, { conversationId, turn: says("why?") }, ANN);
    const replaced = sql`
    WITH h AS (UPDATE conversation_heads SET revision = revision + 1, turn_count = turn_count - 1 WHERE conversation_id = ${conversationId})
    DELETE FROM turns WHERE id = ${question.id}`;
    const turn = { role: "ASSISTANT", messages: [], inReplyToId: question.id };
    const input = { conversationId, turn, idempotencyKey };
    const { errors } = await whileLocked(server.database, replaced, () => post(server, APPEND, { input }, ANN));
    expect(errors).toMatchObject([
      { extensions: { code: "BAD_USER_INPUT", argument: "input.turn.inReplyToId", requestId: expect.any(String) } },
    ]);
    await append(server, { conversationId, turn: says("why?"), idempotencyKey }, ANN);
    await sound();
  },
);

test("an import enters ids, refuses those in use, counts a new agent, and replaces", async () => {
  const talk = (id: string, turnId: string) => ({
    id,
    turns: [{ id: turnId, role: "user", timestamp: "2024-05-20T10:00:00Z", messages: [] }],
  });
  const both = await importAll([talk("c1", "t1"), talk("c2", "t2")], "--user", "ann");
  expect(both).toMatchObject({ status: 0, stderr: "" });
  const refused = await importAll([talk("c3", "t1"), talk("t2", "t3"), talk("c4", "c1")]);
  expect([refused.status, refused.stderr.split("\n").map((line) => /The id .*/.exec(line)?.[0])]).toEqual([
    1,
    ["t1", "t2", "c1", null].map((id) =>
      id === null ? undefined : `The id ${id} names another object of the project already.`,
    ),
  ]);
  await sound();
  await importAll([talk("c1", "t1")], "--user", "ann", "--agent", "bank");
  await importAll([talk("c2", "t9")], "--user", "ann", "--replace");
  await importAll([talk("c5", "t2")]);
  await sound();
  expect([await total({ agentName: "bank" }), await total({ agentName: "bank" }, ANN)]).toEqual([1, 1]);
});

test("a user who is deleted is named nowhere, and ids are free again", async () => {
  expect(await runCommand(server.url, ["delete", "--user", "ann", "--yes"])).toMatchObject({ status: 0 });
  await sound();
  const rows = await server.database.rows(sql`
    SELECT isolation_key FROM conversation_counts WHERE isolation_key <> ''
    UNION ALL SELECT isolation_key FROM idempotency_keys WHERE isolation_key <> ''`);
  expect(rows).toEqual([]);
  const again = await importAll([{ id: "t1", turns: [] }]);
  expect(again).toMatchObject({ status: 0, stderr: "" });
  await sound();
});

test("of two callers with one key, one creates", async () => {
  const input = { turns: [says("a")], idempotencyKey: "both" };
  const made = await Promise.all(Array.from({ length: 8 }, () => post(server, CREATE, { input })));
  expect(new Set(made.map(({ data }) => data.createConversation.conversation.id)).size).toBe(1);
  await sound();
});
