import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";

import { brokenRule } from "../../src/model/broken-rule.ts";
import { exportConversations } from "../../src/store/read/export-conversations.ts";
import { ON_CITUS } from "../harness/citus.ts";
import { ask, post } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { append, create, readTurns, says, update, words } from "../harness/writes.ts";

let server: TestServer;
let resolved: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  resolved = await startTestServer({ COMPILE_DOCUMENTS: "0" }, server.url);
});
afterAll(async () => {
  await resolved.close();
  await server.close();
});

const SCOPE = { projectId: "default", isolationKey: null };
const NODE =
  "query ($id: ID!) { node(id: $id) { ... on Turn { revision messages { ... on TextFragment { content state } } } } }";
const APPEND_ONLY =
  "mutation ($input: UpdateTurnInput!) { updateTurn(input: $input) { turn { id revision state role position } } }";
const PIECES = ['say "', "\\ 🙂\n", "</x>", "\u2028", " end"];
const SAID = PIECES.join("");

async function openTurn(conversationId: string): Promise<string> {
  return (await append(server, { conversationId, turn: { role: "ASSISTANT", state: "IN_PROGRESS", messages: [] } })).id;
}

/** A turn in progress that has said the pieces, one at a time. */
async function stream(agent = "streaming"): Promise<{ id: string; conversationId: string; revision: number }> {
  const conversationId = await create(server, { turns: [says("tell")], agent: { name: agent } });
  const id = await openTurn(conversationId);
  let revision = 0;
  for (const appendText of PIECES) revision = (await update(server, { id, appendText })).revision;
  return { id, conversationId, revision };
}

async function chunksOf(id: string): Promise<number> {
  const [row] = await server.database.read<{ count: number }>(
    sql`SELECT count(*)::integer AS count FROM turn_chunks WHERE turn_id = ${id}`,
  );
  return row?.count ?? 0;
}

test("every read shows the text of a turn in progress whole, and its revision", async () => {
  const { id, conversationId, revision } = await stream("shown");
  expect(await chunksOf(id)).toBe(PIECES.length);
  const text = [{ content: SAID, state: "IN_PROGRESS" }];
  for (const { origin } of [server, resolved]) {
    expect((await ask({ origin }, NODE, { id })).node).toEqual({ revision, messages: text });
    const [, turn] = await readTurns({ origin } as TestServer, conversationId);
    expect(turn).toMatchObject({ revision, messages: text });
    const list = await fetch(`${origin}/api/v1/agents/shown/conversations`).then((response) => response.json());
    expect(list.conversations[0].turns[1].messages).toEqual([{ kind: "text", content: SAID, state: "in-progress" }]);
  }
  const records = await Array.fromAsync(exportConversations(server.database, SCOPE, null));
  const exported = records.find((record) => record.id === conversationId)?.turns[1];
  expect(exported).toMatchObject({ revision, messages: [{ content: SAID }] });
});

test("search finds what stands in chunks, at the end too", async () => {
  const { id, conversationId } = await stream();
  await update(server, { id, appendText: " quixotic" });
  const find = '{ conversations(filter: { search: "quixotic" }) { nodes { id } } }';
  expect((await ask(server, find)).conversations.nodes).toEqual([{ id: conversationId }]);
  await update(server, { id, state: "DONE" });
  expect((await ask(server, find)).conversations.nodes).toEqual([{ id: conversationId }]);
});

test("a turn that ends, or says something else than text, leaves no chunk", async () => {
  for (const input of [
    { state: "DONE" },
    { state: "STOPPED" },
    { state: "ERROR", errorDetail: "x" },
    { appendMessages: [words("more")] },
    { messages: [words("other")] },
  ]) {
    const { id } = await stream();
    await update(server, { id, ...input });
    expect(await chunksOf(id)).toBe(0);
  }
  const { id, conversationId } = await stream();
  await ask(server, "mutation ($id: ID!) { deleteConversation(input: { id: $id }) { deletedConversationId } }", {
    id: conversationId,
  });
  expect(await chunksOf(id)).toBe(0);
});

test("an append is one statement, whatever its answer shows, and none of who does not see the turn", async () => {
  const { id } = await stream();
  for (const query of [
    APPEND_ONLY,
    `mutation ($input: UpdateTurnInput!) { updateTurn(input: $input) { turn { messages { __typename } } } }`,
  ]) {
    const count = await server.countStatements(() => ask(server, query, { input: { id, appendText: "x" } }));
    // A transaction counts for none.
    expect(count).toBe(ON_CITUS ? 0 : 1);
  }
  const other = { "x-ms-user-isolation-key": "somebody" };
  const { errors } = await post(server, APPEND_ONLY, { input: { id, appendText: "no" } }, other);
  expect(errors?.[0]?.extensions.code).toBe("NOT_FOUND");
});

test("expectedRevision lets one of two appends through, and a retry says CONFLICT", async () => {
  const { id, revision } = await stream();
  const input = { id, appendText: "!", expectedRevision: revision };
  const answers = await Promise.all([1, 2].map(() => post(server, APPEND_ONLY, { input })));
  const codes = answers.map(({ errors }) => errors?.[0]?.extensions.code ?? "ok");
  expect(codes.sort()).toEqual(["CONFLICT", "ok"]);
  expect((await ask(server, NODE, { id })).node.messages[0].content).toBe(`${SAID}!`);
});

test("40 callers at once append to two turns of a conversation: each text stands once, at a revision of its own", async () => {
  const conversationId = await create(server);
  const ids = [await openTurn(conversationId), await openTurn(conversationId)];
  const texts = Array.from({ length: 40 }, (_, index) => `<${index}>`);
  const revisions = await Promise.all(
    texts.map(async (appendText, index) => (await update(server, { id: ids[index % 2], appendText })).revision),
  );
  expect(new Set(revisions).size).toBe(texts.length);
  const turns = await readTurns(server, conversationId);
  const said = turns.map(({ messages }) => messages[0].content.match(/<\d+>/g));
  expect(said.flat().sort()).toEqual([...texts].sort());
});

test("a server that knows no chunks cannot overwrite text that stands in them", async () => {
  const { id } = await stream();
  const older = sql`UPDATE turns SET revision = revision + 100, messages = '[]' WHERE project_id = 'default' AND id = ${id}`;
  const broken = { table: "turns", constraint: "turns_chunks_after_check" };
  expect(await server.database.rows(older).catch(brokenRule)).toEqual(broken);
});

test("a text may reach the limit of a turn and not pass it, whether it stands in chunks or not", {
  timeout: 60_000,
}, async () => {
  const id = await openTurn(await create(server));
  const piece = "x".repeat(32_000);
  let length = 0;
  for (;;) {
    const { errors } = await post(server, APPEND_ONLY, { input: { id, appendText: piece } });
    if (errors !== undefined) {
      expect(errors[0]?.extensions).toMatchObject({ code: "LIMIT_EXCEEDED", argument: "input.appendText" });
      break;
    }
    length += piece.length;
  }
  expect(length).toBe(Math.floor(2_097_000 / piece.length) * piece.length);
  expect((await ask(server, NODE, { id })).node.messages[0].content).toHaveLength(length);
});
