import { afterAll, beforeAll, expect, test } from "vitest";

import { createKey } from "../../src/store/keys/keys.ts";
import { conversation, store } from "../harness/conversations.ts";
import { ask, post } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

let server: TestServer;
let project: Record<string, string>;
let ann: Record<string, string>;
const day = (date: string, hour = 0) => new Date(Date.UTC(2024, 0, Number(date), hour));
const with_ = (id: string, name: string | null, version: string | null, isolationKey: string | null, at: Date) =>
  conversation(id, { agent: name === null ? null : { name, version }, isolationKey, createdAt: at, updatedAt: at });

beforeAll(async () => {
  server = await startTestServer();
  project = { "api-key": await createKey(server.database, "shop", "project", null) };
  ann = { "api-key": await createKey(server.database, "shop", "user", null), "x-ms-user-isolation-key": "ann" };
  await store(
    server.database,
    [
      with_("1", "desk", "2", "ann", day("1", 5)),
      with_("2", "desk", "10", "bob", day("2", 23)),
      with_("3", "desk", null, "ann", day("2", 0)),
      with_("4", "Desk", "1", null, day("9", 12)),
      with_("5", null, null, "ann", day("15", 1)),
      with_("6", "é", "1", "ann", day("31", 23)),
      with_("7", "gone", "1", "ann", day("31", 23)),
    ],
    "shop",
  );
  const query = 'mutation { deleteConversation(input: { id: "7" }) { deletedConversationId } }';
  await ask(server, query, {}, project);
});
afterAll(() => server.close());

const AGENTS = `query ($first: Int, $last: Int, $after: String, $before: String) {
  agents(first: $first, last: $last, after: $after, before: $before) {
    totalCount edges { cursor node { agent { agentId name version } versions conversationCount lastActivityAt } }
    pageInfo { hasNextPage hasPreviousPage endCursor startCursor }
  }
}`;
const agent = (name: string, versions: string[], conversationCount: number, lastActivityAt: Date) => ({
  agent: { agentId: name, name, version: null },
  versions,
  conversationCount,
  lastActivityAt: lastActivityAt.toISOString(),
});

test("a project's agents come by name with their versions and counts, a user's with that user's", async () => {
  for (const [headers, expected] of [
    [
      project,
      [
        agent("Desk", ["1"], 1, day("9", 12)),
        agent("desk", ["10", "2"], 3, day("2", 23)),
        agent("é", ["1"], 1, day("31", 23)),
      ],
    ],
    [ann, [agent("desk", ["2"], 2, day("2", 0)), agent("é", ["1"], 1, day("31", 23))]],
  ] as const) {
    const { agents } = await ask(server, AGENTS, {}, headers);
    expect(agents.edges.map(({ node }: { node: unknown }) => node)).toEqual(expected);
    expect(agents).toMatchObject({ totalCount: expected.length, pageInfo: { hasNextPage: false } });
    const statements = await server.countStatements(() => ask(server, AGENTS, {}, headers));
    expect(statements).toBe(3);
  }
});

test("a walk gives each agent once, in both directions", async () => {
  for (const [size, cursor, side] of [
    ["first", "after", "endCursor"],
    ["last", "before", "startCursor"],
  ] as const) {
    const seen: string[] = [];
    for (let at: string | null = null; ; ) {
      const { agents } = await ask(server, AGENTS, { [size]: 1, [cursor]: at }, project);
      seen.push(agents.edges[0].node.agent.name);
      at = agents.pageInfo[side];
      if (!(size === "first" ? agents.pageInfo.hasNextPage : agents.pageInfo.hasPreviousPage)) break;
    }
    expect(seen).toEqual(size === "first" ? ["Desk", "desk", "é"] : ["é", "desk", "Desk"]);
  }
  const other = "query { conversations(first: 1) { pageInfo { endCursor } } }";
  const { endCursor } = (await ask(server, other, {}, project)).conversations.pageInfo;
  const { errors } = await post(server, AGENTS, { after: endCursor }, project);
  expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument: "after" } }]);
});

const COUNTS = `query ($from: DateTime!, $to: DateTime!, $by: CountInterval! = DAY, $agentName: String) {
  conversationCounts(from: $from, to: $to, by: $by, agentName: $agentName) { from to count }
}`;
const counts = async (variables: object, headers = project) =>
  (await ask(server, COUNTS, { from: day("1"), to: day("4"), ...variables }, headers)).conversationCounts;
const only = (buckets: { count: number }[]) => buckets.map(({ count }) => count);

test("conversations are counted by day, week and month, zeros included", async () => {
  expect(await counts({})).toEqual(
    [1, 2, 0].map((count, index) => ({
      from: day(String(index + 1)).toISOString(),
      to: day(String(index + 2)).toISOString(),
      count,
    })),
  );
  const january = { from: day("1"), to: day("32") };
  // 2024 began on a Monday.
  expect(only(await counts({ ...january, by: "WEEK" }))).toEqual([3, 1, 1, 0, 1]);
  expect(only(await counts({ ...january, by: "MONTH" }))).toEqual([6]);
  expect(only(await counts({ from: day("-30"), to: day("40"), by: "MONTH" }))).toEqual([0, 6, 0]);
  expect(only(await counts({ ...january, by: "MONTH" }, ann))).toEqual([4]);
  expect(only(await counts({}, ann))).toEqual([1, 1, 0]);
});

test("a span that begins and ends within a day counts just that", async () => {
  for (const [from, to, expected] of [
    [day("1", 5), day("2", 23), [1, 1]],
    [day("1", 6), day("3"), [0, 2]],
    [day("2", 1), day("2", 23), [0]],
    [day("2", 23), new Date(day("2", 23).getTime() + 1), [1]],
  ] as const) {
    expect(only(await counts({ from, to }))).toEqual(expected);
  }
});

test.each([
  ["desk", [1, 2, 0], [1, 1, 0]],
  ["Desk", [0, 0, 0], [0, 0, 0]],
  ["", [0, 0, 0], [0, 0, 0]],
  [null, [1, 2, 0], [1, 1, 0]],
])("of the agent %j", async (agentName, ofProject, ofAnn) => {
  expect(only(await counts({ agentName }))).toEqual(ofProject);
  expect(only(await counts({ agentName }, ann))).toEqual(ofAnn);
});

test.each([
  ["an empty span", { to: day("1") }, "to"],
  ["a span backward", { to: day("0") }, "to"],
  ["too many days", { to: day("402") }, "to"],
  ["a NUL", { agentName: "\0" }, "agentName"],
])("%s is BAD_USER_INPUT", async (_what, variables, argument) => {
  expect(only(await counts({ to: day("401") })).length).toBe(400);
  const { errors } = await post(server, COUNTS, { from: day("1"), to: day("4"), ...variables }, project);
  expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument } }]);
});
