import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";

import { conversation, store, text, turn } from "../harness/conversations.ts";
import { addItems, assistant, createWith, functionCall, user } from "../harness/conversations-api.ts";
import { ask, post } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  const minute = (number: number) => ({ createdAt: new Date(Date.UTC(2024, 0, 1, 0, number)) });
  const answer = { role: "assistant" as const };
  await store(server.database, [
    conversation("a", {
      ...minute(1),
      isolationKey: "ann",
      agent: { name: "shop", version: null },
      turns: [
        turn("a1", { text: "A refund, please" }),
        turn("a2", { ...answer, messages: [text("Refunded:"), text("your order")] }),
      ],
    }),
    conversation("b", {
      ...minute(1),
      metadata: { title: "refund" },
      turns: [turn("b1", { text: "no" }), turn("b2", { text: "refund" }), turn("b3", { text: "refund of the order" })],
    }),
    conversation("c", {
      ...minute(3),
      turns: [
        turn("c1", { text: "配送先を京都に変更" }),
        turn("c2", {
          ...answer,
          state: "in-progress",
          messages: [{ kind: "text", content: "a refu", state: "in-progress" }],
        }),
        turn("c3", { ...answer, messages: [] }),
      ],
    }),
  ]);
});
afterAll(() => server.close());

const SEARCH = `query ($search: String!, $filter: ConversationFilter, $first: Int, $after: String) {
  searchTurns(search: $search, filter: $filter, first: $first, after: $after) {
    edges { cursor snippet matches { start end } node { id conversation { id } } } nodes { id }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;
type Variables = { search: string; filter?: object; first?: number; after?: string };
const find = async (variables: Variables, headers: Record<string, string> = {}) =>
  (await ask(server, SEARCH, variables, headers)).searchTurns;
const ids = (found: { nodes: { id: string }[] }) => found.nodes.map(({ id }) => id).join(" ");

test.each([
  ["in the order of the list, newest first, and by position", "refu", "c2 b2 b3 a1 a2"],
  ["whole words in quotes", '"refund"', "b2 b3 a1"],
  ["all words in one turn", "refund order", "b3"],
  ["words without another", "-order -please refu", "c2 b2"],
  ["either", "please or 京都", "c1 a1"],
  ["everything but", "-refund", "c1 c2 b1 a2"],
  ["a phrase over two fragments", '"refunded your"', "a2"],
  ["no titles", "refund no", ""],
  ["nothing", "nowhere", ""],
])("finds %s", async (_name, search, expected) => {
  expect(ids(await find({ search }))).toBe(expected);
});

test("tells where it matched, in code points", async () => {
  const { edges } = await find({
    search: '"order" or "京都" or refun',
    filter: { createdBefore: "2024-01-01T00:02:00Z" },
  });
  expect(edges.map(({ snippet, matches }: { snippet: string; matches: object[] }) => [snippet, matches])).toEqual([
    ["refund", [{ start: 0, end: 6 }]],
    [
      "refund of the order",
      [
        { start: 0, end: 6 },
        { start: 14, end: 19 },
      ],
    ],
    ["A refund, please", [{ start: 2, end: 8 }]],
    [
      "Refunded: your order",
      [
        { start: 0, end: 8 },
        { start: 15, end: 20 },
      ],
    ],
  ]);
});

test("pages lead on, and a cursor outlives its turn", async () => {
  const seen = [];
  for (let after: string | undefined, more = true; more; ) {
    const { nodes, pageInfo } = await find({ search: "refu", first: 2, ...(after && { after }) });
    expect(pageInfo.hasPreviousPage).toBe(after !== undefined);
    seen.push(ids({ nodes }));
    after = pageInfo.endCursor;
    more = pageInfo.hasNextPage;
  }
  expect(seen).toEqual(["c2 b2", "b3 a1", "a2"]);
});

test("the filter and the user bound the conversations", async () => {
  expect(ids(await find({ search: "refu", filter: { agentName: "shop" } }))).toBe("a1 a2");
  expect(ids(await find({ search: "order", filter: { search: "no" } }))).toBe("b3");
  const ann = { "x-ms-user-isolation-key": "ann" };
  expect(ids(await find({ search: "refu" }, ann))).toBe("a1 a2");
  expect(ids(await find({ search: "refu", first: 1 }, ann))).toBe("a1");
});

test("words that items added are found with those of before, from the list and from the index", async () => {
  const own = await startTestServer();
  onTestFinished(own.close);
  const id = await createWith(own, [user("zulu")]);
  for (const item of [assistant("yankee"), assistant("xray whisky"), functionCall("c", "f"), assistant("victor")]) {
    await addItems(own, id, [item]);
  }
  const silent = await createWith(own, [user("zulu"), functionCall("c", "f")]);
  await addItems(own, silent, [assistant("yankee")]);
  const positions = async (search: string) => {
    const query = "query ($search: String!) { searchTurns(search: $search) { edges { snippet node { position } } } }";
    return (await ask(own, query, { search })).searchTurns.edges.map(
      ({ snippet, node }: { snippet: string; node: { position: number } }) => `${node.position} ${snippet}`,
    );
  };
  const tried = async () => [
    await positions("victor"),
    await positions("yankee victor"),
    await positions('"xray whisky" yankee -zulu'),
    await positions("yankee -victor"),
    await positions("-yankee"),
    await positions("-zulu -victor"),
    await positions("nowhere or victor or zulu"),
  ];
  const walked = await tried();
  expect(walked.map((found) => found.length)).toEqual([1, 1, 1, 1, 2, 1, 3]);
  expect(walked.slice(0, 2).flat()).toEqual([expect.stringContaining("victor"), expect.stringContaining("yankee")]);
  // So long that the list is not walked.
  await own.database.rows(sql`UPDATE conversation_heads SET turn_count = 10001, revision = 10001`);
  expect(await tried()).toEqual(walked);
});

test.each([
  ["search", { search: "" }],
  ["search", { search: "?!" }],
  ["search", { search: "x ".repeat(33) }],
  ["search", { search: "x".repeat(5001) }],
  ["first", { search: "x", first: 0 }],
  ["first", { search: "x", first: 101 }],
  ["after", { search: "x", after: "" }],
  ["after", { search: "x", after: Buffer.from('["HIT","DESC",0,"conv_a"]').toString("base64url") }],
  ["after", { search: "x", after: Buffer.from('["HIT","DESC",0,"conv_a",0]').toString("base64url") }],
  ["filter.search", { search: "x", filter: { search: "?" } }],
])("what is wrong with %s is BAD_USER_INPUT: %j", async (argument, variables) => {
  const { data, errors } = await post(server, SEARCH, variables);
  expect(data ?? null).toBeNull();
  expect(errors?.map(({ extensions }) => extensions)).toMatchObject([{ code: "BAD_USER_INPUT", argument }]);
});
