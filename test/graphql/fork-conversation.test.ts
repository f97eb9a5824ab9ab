import { afterAll, beforeAll, expect, test } from "vitest";

import { createKey } from "../../src/store/keys/keys.ts";
import { ask, post } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { append, create, readTurns, says, update, words } from "../harness/writes.ts";

let server: TestServer;
let project: Record<string, string>;
let ann: Record<string, string>;
let bob: Record<string, string>;
beforeAll(async () => {
  server = await startTestServer();
  project = { "api-key": await createKey(server.database, "shop", "project", null) };
  const users = await createKey(server.database, "shop", "user", null);
  ann = { "api-key": users, "x-ms-user-isolation-key": "ann" };
  bob = { ...ann, "x-ms-user-isolation-key": "bob" };
});
afterAll(() => server.close());

const FORK = `mutation ($input: ForkConversationInput!) { forkConversation(input: $input) {
  conversation { id user title metadata revision agent { agentId } turns { totalCount } forkedFrom { conversation { id } turn { id } } }
  conversationEdge { cursor node { id } }
} }`;
// biome-ignore lint/suspicious/noExplicitAny: the shape is what each test asserts
const fork = async (input: object, headers = ann): Promise<any> =>
  (await ask(server, FORK, { input }, headers)).forkConversation.conversation;
const said = (turns: { id: string; revision: number; inReplyTo: object | null }[]) =>
  turns.map(({ id: _id, revision: _revision, inReplyTo: _inReplyTo, ...others }) => others);

/** A conversation of ann's: a question, an answer with a call, a question, an answer in progress. */
async function talk(): Promise<{ id: string; ids: string[] }> {
  const metadata = [{ key: "title", value: "A talk" }];
  const id = await create(
    server,
    { agent: { name: "desk", version: "1" }, metadata, turns: [{ ...says("first words"), metadata }] },
    ann,
  );
  const [question] = await readTurns(server, id, ann);
  const call = { functionCall: { name: "look_up", args: { n: 1 } } };
  const answer = { role: "ASSISTANT", inReplyToId: question.id, messages: [words("an answer"), call] };
  await append(server, { conversationId: id, turn: answer }, ann);
  await append(server, { conversationId: id, turn: says("more") }, ann);
  const open = { role: "ASSISTANT", state: "IN_PROGRESS", messages: [] };
  const streaming = await append(server, { conversationId: id, turn: open }, ann);
  for (const appendText of ["stream", "ed"]) await update(server, { id: streaming.id, appendText }, ann);
  return { id, ids: (await readTurns(server, id, ann)).map((one) => one.id) };
}

test("a copy up to a turn has new ids, replies within itself, and says where it came from", async () => {
  const { id, ids } = await talk();
  for (const headers of [ann, project]) {
    const copy = await fork({ id, upToTurnId: ids[1] }, headers);
    expect(copy).toEqual({
      id: expect.stringMatching(/^conv_[0-9a-f]{32}$/),
      user: "ann",
      title: "A talk",
      metadata: { title: "A talk" },
      revision: 2,
      agent: { agentId: "desk:1" },
      turns: { totalCount: 2 },
      forkedFrom: { conversation: { id }, turn: { id: ids[1] } },
    });
    const [copied, original] = [await readTurns(server, copy.id, ann), await readTurns(server, id, ann)];
    expect(said(copied)).toEqual(said(original.slice(0, 2)));
    expect(copied[1].inReplyTo).toEqual({ id: copied[0].id });
    for (const turn of copied) expect(turn.id).toMatch(/^turn_[0-9a-f]{32}$/);
  }
});

test("a copy of all has what streams as it is so far, stopped, and both go on apart", async () => {
  const { id, ids } = await talk();
  const copy = await fork({ id, metadata: [] });
  expect(copy).toMatchObject({ metadata: {}, turns: { totalCount: 4 }, forkedFrom: { turn: { id: ids[3] } } });
  await update(server, { id: ids[3], appendText: " more", state: "DONE" }, ann);
  await append(server, { conversationId: copy.id, turn: says("elsewhere") }, ann);
  const copied = await readTurns(server, copy.id, ann);
  expect(copied.slice(3)).toMatchObject([
    { position: 4, state: "STOPPED", messages: [{ content: "streamed" }] },
    { position: 5, messages: [{ content: "elsewhere" }] },
  ]);
  expect((await readTurns(server, id, ann)).length).toBe(4);
  const found = "query ($search: String) { conversations(filter: { search: $search }) { nodes { id } } }";
  for (const [search, expected] of [
    ["streamed elsewhere", [copy.id]],
    ["elsewhere", [copy.id]],
  ] as const) {
    const { nodes } = (await ask(server, found, { search }, ann)).conversations;
    expect(nodes.map((node: { id: string }) => node.id)).toEqual(expected);
  }
});

test("an empty conversation has an empty copy, and what it came from may be gone", async () => {
  const id = await create(server, {}, ann);
  const copy = await fork({ id });
  expect(copy).toMatchObject({
    revision: 0,
    turns: { totalCount: 0 },
    forkedFrom: { conversation: { id }, turn: null },
  });
  await ask(
    server,
    "mutation ($id: ID!) { deleteConversation(input: { id: $id }) { deletedConversationId } }",
    { id },
    ann,
  );
  const query = "query ($id: ID!) { conversation(id: $id) { forkedFrom { conversation { id } turn { id } } } }";
  const shown = (await ask(server, query, { id: copy.id }, ann)).conversation;
  expect(shown).toEqual({ forkedFrom: { conversation: null, turn: null } });
});

test("with an idempotency key it is copied once", async () => {
  const { id } = await talk();
  const input = { id, idempotencyKey: `fork ${id}` };
  const copies = await Promise.all([1, 2, 3].map(() => fork(input)));
  expect(new Set(copies.map((copy) => copy.id)).size).toBe(1);
  const { errors } = await post(server, FORK, { input: { ...input, metadata: [] } }, ann);
  expect(errors).toMatchObject([{ extensions: { code: "CONFLICT", argument: "input.idempotencyKey" } }]);
});

test("what the caller does not see cannot be copied", async () => {
  const { id, ids } = await talk();
  const other = await talk();
  const metadata = ["a", "a"].map((key) => ({ key, value: "" }));
  for (const [input, headers, code, argument] of [
    [{ id }, bob, "NOT_FOUND", "input.id"],
    [{ id: "none" }, ann, "NOT_FOUND", "input.id"],
    [{ id, upToTurnId: other.ids[0] }, ann, "NOT_FOUND", "input.upToTurnId"],
    [{ id: ids[0] }, ann, "NOT_FOUND", "input.id"],
    [{ id, metadata }, ann, "BAD_USER_INPUT", "input.metadata.1.key"],
  ] as const) {
    const { errors } = await post(server, FORK, { input }, headers);
    expect(errors).toMatchObject([{ extensions: { code, argument } }]);
  }
});
