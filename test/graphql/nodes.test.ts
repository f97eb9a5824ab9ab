import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { conversation, store, turn } from "../harness/conversations.ts";
import { ask, post } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

let server: TestServer;

// Every kind of id: generated ones, and imported ones, some of which look like another kind.
const IMPORTED = [
  "a",
  " ",
  "42",
  "conv",
  "turn-1",
  "0x1F",
  "a/b?c=d&e#f",
  "'; DROP TABLE turns; --",
  "%27",
  "~".repeat(128),
];
const OURS = "conv_0123456789abcdef0123456789abcdef";
const OUR_TURN = "turn_0123456789abcdef0123456789abcdef";

beforeAll(async () => {
  server = await startTestServer();
  const reply = { role: "assistant" as const, inReplyToId: OUR_TURN };
  await store(server.database, [
    conversation(OURS, {
      turns: [turn(OUR_TURN), turn("turn_2", reply), turn("imported turn", reply)],
      agent: { name: "shop", version: "2" },
      metadata: { topic: "refund" },
    }),
    ...IMPORTED.map((id) => conversation(id, { turns: [turn(`turn_of_${id}`.slice(0, 128))] })),
  ]);
});
afterAll(() => server.close());

const NODE = "query ($id: ID!) { node(id: $id) { __typename id } conversation(id: $id) { id } }";
const NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";

describe("node", () => {
  test.each([OURS, ...IMPORTED])("finds a conversation: %j", async (id) => {
    expect(await ask(server, NODE, { id })).toEqual({ node: { __typename: "Conversation", id }, conversation: { id } });
  });

  test.each([OUR_TURN, "turn_2", "imported turn"])("finds a turn, which is no conversation: %j", async (id) => {
    expect(await ask(server, NODE, { id })).toEqual({ node: { __typename: "Turn", id }, conversation: null });
  });

  test.each([
    ["an id of nothing", "conv_1"],
    ["a turn's id of nothing", "turn_1"],
    ["another case", OURS.toUpperCase()],
    ["a blank more", `${OURS} `],
    ["a prefix alone", "conv_"],
    ["empty", ""],
    ["NUL", "\0"],
    ["NUL at the end", `${OURS}\0`],
    ["a line break", `${OURS}\n`],
    ["10,000 characters", "x".repeat(10_000)],
    ["129 characters", "~".repeat(129)],
    ["a lone surrogate", "\ud800"],
    ["an emoji", "🙂"],
    ["a letter beyond ASCII", "é"],
    ["a pattern", "%"],
    ["a global id as others make them", Buffer.from(`Conversation:${OURS}`).toString("base64")],
  ])("is null for what names nothing: %s", async (_name, id) => {
    expect(await ask(server, NODE, { id })).toEqual({ node: null, conversation: null });
    expect(await ask(server, NODES, { ids: [OURS, id, OURS] })).toEqual({
      nodes: [{ __typename: "Conversation", id: OURS }, null, { __typename: "Conversation", id: OURS }],
    });
  });

  test("takes an integer for an id, as GraphQL does", async () => {
    expect(await ask(server, "{ node(id: 42) { id } }")).toEqual({ node: { id: "42" } });
    expect(await ask(server, NODE, { id: 42 })).toMatchObject({ node: { id: "42" } });
  });
});

describe("nodes", () => {
  const idsOf = async (ids: readonly string[]) =>
    (await ask(server, NODES, { ids })).nodes.map((node: { id: string } | null) => node?.id ?? null);

  test("answers in the order asked for, each as often as asked for, null in its place", async () => {
    const ids = ["turn_2", "", OURS, "no such", "turn_2", "a", "\0", OURS, "imported turn"];
    expect(await idsOf(ids)).toEqual(["turn_2", null, OURS, null, "turn_2", "a", null, OURS, "imported turn"]);
    expect(await idsOf([])).toEqual([]);
    expect(await idsOf(["", "\0"])).toEqual([null, null]);
  });

  test("takes 100 ids and refuses 101", async () => {
    const ids = Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? OURS : `conv_${index}`));
    expect(await idsOf(ids)).toEqual(ids.map((id) => (id === OURS ? OURS : null)));
    const { data, errors } = await post(server, NODES, { ids: [...ids, OURS] });
    expect(data ?? null).toBeNull();
    expect(errors).toHaveLength(1);
    expect(errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", argument: "ids" });
  });
});

const EVERYTHING = `
  fragment OfConversation on Conversation {
    __typename id createdAt updatedAt metadata agent { agentId name version }
    turns { totalCount edges { cursor node { ...OfTurn } } }
  }
  fragment OfTurn on Turn {
    __typename id position revision role state timestamp errorDetail inReplyTo { id } conversation { id updatedAt }
    messages { __typename ... on TextFragment { content state metadata } }
  }`;

test("an object is the same whichever way it is reached", async () => {
  const list = `{ conversations(first: 100) { nodes { ...OfConversation } } } ${EVERYTHING}`;
  const conversations = (await ask(server, list)).conversations.nodes;
  expect(conversations).toHaveLength(1 + IMPORTED.length);
  const turns = conversations.flatMap((found: Turns) => found.turns.edges.map((edge) => edge.node));
  expect(turns).toHaveLength(3 + IMPORTED.length);

  const objects = [...conversations, ...turns];
  const refetch = `query ($ids: [ID!]!) { nodes(ids: $ids) { ...OfConversation ...OfTurn } } ${EVERYTHING}`;
  expect((await ask(server, refetch, { ids: objects.map(({ id }) => id) })).nodes).toEqual(objects);
  const one = `query ($id: ID!) { node(id: $id) { ...OfConversation ...OfTurn } } ${EVERYTHING}`;
  for (const object of objects) expect((await ask(server, one, { id: object.id })).node).toEqual(object);
});

interface Turns {
  turns: { edges: { node: { id: string } }[] };
}
