import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { MessageFragment } from "../../src/model/message-fragment.ts";
import { parsePage } from "../../src/relay/page.ts";
import { createByteBudget } from "../../src/store/read/byte-budget.ts";
import { completeTurns, countTurns, readTurns } from "../../src/store/read/turns.ts";
import { conversation, store, text, turn } from "../harness/conversations.ts";
import { ask } from "../harness/graphql.ts";
import { rawGet } from "../harness/raw-request.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

let server: TestServer;

const ALICE = { "x-ms-user-isolation-key": "alice" };
const CALL: MessageFragment = { kind: "functionCall", name: "secret_function", args: {} };

/** A conversation with turns that alice must not be able to distinguish from one that does not exist. */
function hidden(name: string, isolationKey: string | null) {
  return conversation(`conv_${name}`, {
    isolationKey,
    // Newer than everything of alice's.
    createdAt: new Date("2024-05-21T00:00:00.000Z"),
    updatedAt: new Date("2024-05-21T00:00:00.000Z"),
    agent: { name: "secret", version: "1" },
    metadata: { secret: "yes" },
    turns: [
      turn(`turn_${name}`, { role: "assistant", state: "error", messages: [text("secret words"), CALL] }),
      turn(`imported.${name}`),
    ],
  });
}

beforeAll(async () => {
  server = await startTestServer();
  await store(server.database, [
    hidden("hers", "bob"),
    hidden("nobodys", null),
    conversation("conv_mine", {
      isolationKey: "alice",
      agent: { name: "public", version: null },
      turns: [turn("turn_mine"), turn("answer", { role: "assistant", inReplyToId: "turn_mine" })],
    }),
  ]);
  const namesake = conversation("conv_mine", {
    isolationKey: "alice",
    turns: [turn("turn_mine"), turn("turn_theirs")],
  });
  await store(server.database, [hidden("foreign", "alice"), namesake], "other");
});

afterAll(() => server.close());

/** Every read that takes an id; ID stands for it. The lists also show what of the id is repeated in errors. */
const READS: [string, string][] = [
  ["node", graphql('{ node(id: "ID") { __typename id } }')],
  ["nodes", graphql('{ nodes(ids: ["conv_mine", "ID", "answer"]) { id } }')],
  ["conversation", graphql('{ conversation(id: "ID") { id metadata turns { totalCount nodes { id } } } }')],
  ["Foundry, after", "/openai/v1/conversations?after=ID"],
  ["Foundry, before", "/openai/v1/conversations?before=ID"],
  ["Foundry, after and before", "/openai/v1/conversations?after=ID&before=conv_mine"],
  ["Foundry, before beside after", "/openai/v1/conversations?after=conv_mine&before=ID"],
  ["Foundry, another path and order", "/api/projects/default/openai/conversations?order=asc&before=ID"],
];

describe.each(READS)("%s answers as if it did not exist", (_read, path) => {
  test.each([
    ["another user's conversation", "conv_hers"],
    ["a conversation of no user", "conv_nobodys"],
    ["another project's conversation", "conv_foreign"],
    ["another user's turn", "turn_hers"],
    ["another user's imported turn", "imported.hers"],
    ["another project's turn", "turn_foreign"],
  ])("%s", async (_case, id) => {
    expect(await answerAbout(path, id)).toEqual(await answerAbout(path, "conv_that_never_was"));
  });
});

/** Every read that counts or searches, as alice: each condition is one that only hidden conversations fulfil. */
describe("conditions that only hidden conversations fulfil find and count nothing", () => {
  test.each([
    ["agentName", '{ agentName: "secret" }'],
    ["agentId", '{ agentId: "secret:1" }'],
    ["metadata", '{ metadata: [{ key: "secret", value: "yes" }] }'],
    ["createdFrom", '{ createdFrom: "2024-05-21T00:00:00.000Z" }'],
    ["updatedFrom", '{ updatedFrom: "2024-05-21T00:00:00.000Z" }'],
    ["search", '{ search: "secret" }'],
    ["calledFunction", '{ calledFunction: "secret_function" }'],
    ["turnState", "{ turnState: ERROR }"],
  ])("%s", async (_name, filter) => {
    const query = `{ conversations(filter: ${filter}) { totalCount nodes { id } pageInfo { hasNextPage } } }`;
    const { conversations } = await ask(server, query, {}, ALICE);
    expect(conversations).toEqual({ totalCount: 0, nodes: [], pageInfo: { hasNextPage: false } });
    // The condition does find them for callers that may see them.
    const everything = await ask(server, query);
    expect(everything.conversations.totalCount).toBeGreaterThan(0);
  });

  test.each([
    ["Foundry by name", "/openai/v1/conversations?agent_name=secret", "/openai/v1/conversations?agent_name=unknown"],
    ["Foundry by id", "/openai/v1/conversations?agent_id=secret:1", "/openai/v1/conversations?agent_id=unknown:1"],
    ["Fixie by name", "/api/v1/agents/secret/conversations", "/api/v1/agents/unknown/conversations"],
    ["Fixie by id", "/api/v1/agents/secret:1/conversations", "/api/v1/agents/unknown:1/conversations"],
  ])("%s", async (_name, path, unknown) => {
    expect(await answerAbout(path, "")).toEqual(await answerAbout(unknown, ""));
  });
});

test.each(["CREATED_AT", "UPDATED_AT"])(
  "a cursor at a hidden row is a place in the list by %s, and no more",
  async (field) => {
    const query = `query ($after: String, $before: String) {
    conversations(after: $after, before: $before, orderBy: { field: ${field}, direction: DESC }) {
      totalCount edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage }
    }
  }`;
    const all = await ask(server, query);
    expect(all.conversations.totalCount).toBe(3);
    const hiddenEdge = all.conversations.edges.find((edge: { node: { id: string } }) => edge.node.id === "conv_hers");
    const after = await ask(server, query, { after: hiddenEdge.cursor }, ALICE);
    const before = await ask(server, query, { before: hiddenEdge.cursor }, ALICE);
    const pageInfo = { hasNextPage: false, hasPreviousPage: false };
    const mine = [{ cursor: expect.any(String), node: { id: "conv_mine" } }];
    expect(after.conversations).toEqual({ totalCount: 1, edges: mine, pageInfo });
    expect(before.conversations).toEqual({ totalCount: 1, edges: [], pageInfo });
  },
);

test("of two conversations with one id, each project has its own", async () => {
  const query =
    '{ conversation(id: "conv_mine") { turns { totalCount nodes { id } } } node(id: "turn_theirs") { id } }';
  const expected = { totalCount: 2, nodes: [{ id: "turn_mine" }, { id: "answer" }] };
  expect(await ask(server, query, {}, ALICE)).toEqual({ conversation: { turns: expected }, node: null });
});

// No request reaches these with an id that its caller cannot see; they hold even so.
test("the statements for turns apply the scope by themselves", async () => {
  const scope = { projectId: "default", isolationKey: "alice" };
  const page = parsePage({}, { field: "POSITION", direction: "ASC" }, 100);
  const ids = ["conv_mine", "conv_hers", "conv_nobodys", "conv_foreign"];
  expect([...(await readTurns(server.database, scope, ids, {}, page, { pageBytes: 1000 })).keys()]).toEqual([
    "conv_mine",
  ]);
  const project = { ...scope, isolationKey: null };
  const found = [...(await readTurns(server.database, project, ids, {}, page, { pageBytes: 1 })).values()];
  const shown = await completeTurns(server.database, scope, page, found, createByteBudget(1_000_000, 1_000_000));
  expect(shown.flatMap(({ rows }) => rows.map(({ id }) => id))).toEqual(["turn_mine", "answer"]);
  expect([...(await countTurns(server.database, scope, ids, { role: "user" }))]).toEqual([["conv_mine", 1]]);
});

test("what hangs together hangs together for its owner", async () => {
  const query = '{ node(id: "answer") { ... on Turn { inReplyTo { id } conversation { id turns { totalCount } } } } }';
  const expected = { inReplyTo: { id: "turn_mine" }, conversation: { id: "conv_mine", turns: { totalCount: 2 } } };
  expect((await ask(server, query, {}, ALICE)).node).toEqual(expected);
});

function graphql(query: string): string {
  return `/graphql?query=${encodeURIComponent(query)}`;
}

/** The whole answer to alice, the time, the request's id and the asked id aside. */
async function answerAbout(path: string, id: string) {
  const answer = await rawGet(server.origin + path.replaceAll("ID", id), ["x-ms-user-isolation-key: alice"]);
  // The length differs with the id where it is quoted; the text is compared.
  const { date: _date, "content-length": _length, "x-request-id": requestId = "", ...headers } = answer.headers;
  const body = id === "" ? answer.text : answer.text.replaceAll(id, "ID");
  return { status: answer.status, headers, body: body.replaceAll(requestId, "REQUEST") };
}
