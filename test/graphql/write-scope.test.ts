import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";

import { createKey } from "../../src/store/keys/keys.ts";
import { writeConversations } from "../../src/store/write/conversation.ts";
import { removeConversations } from "../../src/store/write/remove-conversations.ts";
import { writeTransaction } from "../../src/store/write/write-transaction.ts";
import { conversation, store } from "../harness/conversations.ts";
import { ask, type GraphQLAnswer, post } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { watch } from "../harness/watch.ts";
import { append, create, readTurns, says, update } from "../harness/writes.ts";

type Headers = Record<string, string>;

let server: TestServer;
let ann: Headers;
// Callers that may not see what ann wrote, and why.
let strangers: { "another user": Headers; "another project": Headers };
let backend: Headers;
let theirs: { conversation: string; question: string; answer: string };

const ANSWER = { role: "ASSISTANT", state: "IN_PROGRESS", messages: [] };
const KEYED = { turn: says("ours"), idempotencyKey: "ann's" };

beforeAll(async () => {
  server = await startTestServer();
  const shop = await createKey(server.database, "shop", "project", null);
  const users = await createKey(server.database, "shop", "user", null);
  const bank = await createKey(server.database, "bank", "project", null);
  const asUser = (key: string, user: string) => ({ "api-key": key, "x-ms-user-isolation-key": user });
  backend = { "api-key": shop };
  ann = asUser(users, "ann");
  strangers = { "another user": asUser(users, "bob"), "another project": asUser(bank, "ann") };
  const conversation = await create(server, { turns: [says("question"), ANSWER] }, ann);
  const [question, answer] = await readTurns(server, conversation, ann);
  theirs = { conversation, question: question.id, answer: answer.id };
  await append(server, { conversationId: conversation, ...KEYED }, ann);
});
afterAll(() => server.close());

const UNKNOWN = {
  conversation: `conv_${"0".repeat(32)}`,
  question: `turn_${"0".repeat(32)}`,
  answer: `turn_${"1".repeat(32)}`,
};

/** The mutations that name what is there already, each with what it names. */
const MUTATIONS: [string, string, string, (ids: typeof UNKNOWN) => Record<string, unknown>][] = [
  [
    "updateConversation",
    "UpdateConversationInput",
    "conversation { id }",
    ({ conversation: id }) => ({ id, metadata: [] }),
  ],
  ["updateConversation", "UpdateConversationInput", "conversation { id }", ({ conversation: id }) => ({ id })],
  ["deleteConversation", "DeleteConversationInput", "deletedConversationId", ({ conversation: id }) => ({ id })],
  ["appendTurn", "AppendTurnInput", "turn { id }", (ids) => ({ conversationId: ids.conversation, turn: says("x") })],
  ["appendTurn", "AppendTurnInput", "turn { id }", (ids) => ({ conversationId: ids.conversation, ...KEYED })],
  ["updateTurn", "UpdateTurnInput", "turn { id }", ({ answer: id }) => ({ id, appendText: "x" })],
  ["updateTurn", "UpdateTurnInput", "turn { id }", ({ answer: id }) => ({ id, state: "DONE", expectedRevision: 99 })],
  ["updateTurn", "UpdateTurnInput", "turn { id }", ({ question: id }) => ({ id, appendText: "x" })],
];

function withoutRequestId({ data, errors }: GraphQLAnswer): unknown {
  return { data, errors: errors?.map((error) => ({ ...error, extensions: { ...error.extensions, requestId: null } })) };
}

const stored = () =>
  server.database.rows(sql`
    SELECT (SELECT json_agg(c)::text FROM (SELECT c.* FROM conversations c ORDER BY id) AS c) AS conversations,
      (SELECT json_agg(h)::text FROM (SELECT h.* FROM conversation_heads h ORDER BY conversation_id) AS h) AS heads,
      (SELECT json_agg(t)::text FROM (SELECT t.* FROM turns t ORDER BY id) AS t) AS turns`);

const WHO = ["another user", "another project"] as const;

test.each(WHO.flatMap((who) => MUTATIONS.map((mutation) => [who, ...mutation] as const)))(
  "to %s what ann wrote never existed: %s",
  async (who, name, type, selection, toInput) => {
    const document = `mutation ($input: ${type}!) { result: ${name}(input: $input) { ${selection} } }`;
    const before = await stored();
    const seen = await post(server, document, { input: toInput(theirs) }, strangers[who]);
    const never = await post(server, document, { input: toInput(UNKNOWN) }, strangers[who]);
    expect(seen).toMatchObject({ data: { result: null }, errors: [{ extensions: { code: "NOT_FOUND" } }] });
    expect(withoutRequestId(seen)).toEqual(withoutRequestId(never));
    expect(await stored()).toEqual(before);
  },
);

test.each(WHO)("%s cannot reply to a turn of ann's", async (who) => {
  const conversationId = await create(server, {}, strangers[who]);
  const reply = (inReplyToId: string) =>
    post(
      server,
      "mutation ($input: AppendTurnInput!) { appendTurn(input: $input) { turn { id } } }",
      { input: { conversationId, turn: { ...ANSWER, inReplyToId } } },
      strangers[who],
    );
  const seen = await reply(theirs.question);
  expect(seen.errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument: "input.turn.inReplyToId" } }]);
  expect(withoutRequestId(seen)).toEqual(withoutRequestId(await reply(UNKNOWN.question)));
});

test.each(WHO)("%s cannot watch a conversation of ann's, whatever the revision", async (who) => {
  for (const afterRevision of [null, 0, 99]) {
    const answers = [];
    for (const conversationId of [theirs.conversation, UNKNOWN.conversation]) {
      const watching = await watch(server, { conversationId, afterRevision }, strangers[who]);
      const { data, errors } = { ...(await watching.next()) };
      expect(errors).toMatchObject([{ extensions: { code: "NOT_FOUND", argument: "conversationId" } }]);
      expect(await watching.next()).toBeNull();
      answers.push({
        data,
        errors: errors?.map(({ message, path, extensions }) => ({ message, path, ...extensions, requestId: null })),
      });
    }
    expect(answers[0]).toEqual(answers[1]);
  }
});

test("a watched conversation that another user's takes the place of is over, and shows nothing of it", async () => {
  await store(server.database, [conversation("same", { isolationKey: "ann" })], "shop");
  const watching = await watch(server, { conversationId: "same" }, ann);
  await writeTransaction(server.database, "shop", async (writer) => {
    await removeConversations(writer, { projectId: "shop", isolationKey: null }, sql`h.conversation_id = 'same'`);
    await writeConversations(writer, "shop", [conversation("same", { isolationKey: "bob" })]);
  });
  await append(server, { conversationId: "same", turn: says("his") }, strangers["another user"]);
  expect(await watching.next()).toBeNull();
});

test("what is written under a user is that user's, and the backend's", async () => {
  const conversationId = await create(server, { turns: [ANSWER] }, ann);
  const watchers = [await watch(server, { conversationId }, ann), await watch(server, { conversationId }, backend)];
  const [{ id }] = await readTurns(server, conversationId, ann);
  const written = [
    await update(server, { id, appendText: "ann's" }, ann),
    await update(server, { id, state: "DONE" }, backend),
    await append(server, { conversationId, turn: says("the backend's") }, backend),
  ];
  for (const watching of watchers) {
    let revision = 0;
    while (revision < written[2].revision) [{ revision }] = await watching.take(1);
    watching.leave();
  }
  expect((await readTurns(server, conversationId, ann)).map(({ revision }) => revision)).toEqual([3, 4]);
  const query = "query ($id: ID!) { node(id: $id) { id } }";
  for (const stranger of Object.values(strangers)) {
    expect(await ask(server, query, { id: conversationId }, stranger)).toEqual({ node: null });
  }
});

test("what the backend writes under no user is no user's", async () => {
  const id = await create(server, {}, backend);
  expect(await ask(server, "query ($id: ID!) { node(id: $id) { id } }", { id }, backend)).toEqual({ node: { id } });
  const { errors } = await post(
    server,
    "mutation ($id: ID!) { deleteConversation(input: { id: $id }) { deletedConversationId } }",
    { id },
    ann,
  );
  expect(errors).toMatchObject([{ extensions: { code: "NOT_FOUND" } }]);
});
