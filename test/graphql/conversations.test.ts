import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { conversation, remove, store, turn } from "../harness/conversations.ts";
import { ask } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

let server: TestServer;

// c01 to c25, each created a day after the one before; changed last in another order.
const IDS = Array.from({ length: 25 }, (_, index) => `c${String(index + 1).padStart(2, "0")}`);
const NEWEST = IDS.toReversed();
const day = (number: number) => new Date(Date.UTC(2024, 0, number));
const changedOn = (number: number) => 100 + ((number * 7) % 25);

beforeAll(async () => {
  server = await startTestServer();
  const records = IDS.map((id, index) =>
    conversation(id, {
      createdAt: day(index + 1),
      updatedAt: day(changedOn(index + 1)),
      isolationKey: "ann",
      agent: { name: index < 7 ? "shop" : "bank", version: null },
    }),
  );
  await store(server.database, records);
});
afterAll(() => server.close());

interface ListPage {
  ids: string[];
  cursors: string[];
  pageInfo: { hasPreviousPage: boolean; hasNextPage: boolean; startCursor: string | null; endCursor: string | null };
}

const LIST = `query ($first: Int, $last: Int, $after: String, $before: String, $offset: Int
    $orderBy: ConversationOrder, $filter: ConversationFilter) {
  conversations(first: $first, last: $last, after: $after, before: $before, offset: $offset, orderBy: $orderBy, filter: $filter) {
    edges { cursor node { id } }
    nodes { id }
    pageInfo { hasPreviousPage hasNextPage startCursor endCursor }
  }
}`;

async function list(args: Record<string, unknown> = {}, user = "ann"): Promise<ListPage> {
  const { conversations } = await ask(server, LIST, args, { "x-ms-user-isolation-key": user });
  const { edges, nodes, pageInfo } = conversations;
  const ids = edges.map((edge: { node: { id: string } }) => edge.node.id);
  expect(nodes).toEqual(ids.map((id: string) => ({ id })));
  const cursors = edges.map((edge: { cursor: string }) => edge.cursor);
  expect([pageInfo.startCursor, pageInfo.endCursor]).toEqual([cursors.at(0) ?? null, cursors.at(-1) ?? null]);
  return { ids, cursors, pageInfo };
}

/** A cursor of the conversation in the default order. */
async function cursorOf(id: string): Promise<string> {
  const { ids, cursors } = await list({ first: 100 });
  return cursors[ids.indexOf(id)] ?? "";
}

/** hasPreviousPage and hasNextPage. */
const sides = ({ pageInfo }: ListPage) => [pageInfo.hasPreviousPage, pageInfo.hasNextPage];

async function expectPage(args: Record<string, unknown>, ids: readonly string[], [previous, next]: [boolean, boolean]) {
  const page = await list(args);
  expect([page.ids, ...sides(page)], JSON.stringify(args)).toEqual([ids, previous, next]);
}

describe("the page", () => {
  test("is the 20 newest unless something else is asked for", async () => {
    const nothing = { first: null, last: null, after: null, before: null, offset: null, orderBy: null, filter: null };
    const emptyFilter = { filter: { agentName: null, metadata: null, search: null } };
    for (const args of [{}, nothing, emptyFilter]) await expectPage(args, NEWEST.slice(0, 20), [false, true]);
  });

  test("comes from either end", async () => {
    await expectPage({ first: 3 }, ["c25", "c24", "c23"], [false, true]);
    await expectPage({ last: 3 }, ["c03", "c02", "c01"], [true, false]);
    await expectPage({ first: 24 }, NEWEST.slice(0, 24), [false, true]);
    await expectPage({ last: 24 }, NEWEST.slice(1), [true, false]);
    for (const all of [{ first: 25 }, { last: 25 }, { first: 100 }, { last: 100 }]) {
      await expectPage(all, NEWEST, [false, false]);
    }
  });

  test("follows the order asked for", async () => {
    const byChange = IDS.toSorted((a, b) => changedOn(Number(a.slice(1))) - changedOn(Number(b.slice(1))));
    const all = { first: 100 };
    expect((await list({ ...all, orderBy: {} })).ids).toEqual(NEWEST);
    expect((await list({ ...all, orderBy: { direction: "ASC" } })).ids).toEqual(IDS);
    expect((await list({ ...all, orderBy: { field: "CREATED_AT" } })).ids).toEqual(NEWEST);
    expect((await list({ ...all, orderBy: { field: "UPDATED_AT" } })).ids).toEqual(byChange.toReversed());
    expect((await list({ ...all, orderBy: { field: "UPDATED_AT", direction: "ASC" } })).ids).toEqual(byChange);
    expect((await list({ last: 2, orderBy: { direction: "ASC" } })).ids).toEqual(["c24", "c25"]);
  });

  test("goes on after a cursor and ends before one", async () => {
    await expectPage({ first: 2, after: await cursorOf("c24") }, ["c23", "c22"], [true, true]);
    await expectPage({ first: 2, after: await cursorOf("c03") }, ["c02", "c01"], [true, false]);
    await expectPage({ last: 2, before: await cursorOf("c02") }, ["c04", "c03"], [true, true]);
    await expectPage({ last: 2, before: await cursorOf("c23") }, ["c25", "c24"], [false, true]);
  });

  test("is empty beyond the ends, and knows on which side the rows are", async () => {
    await expectPage({ after: await cursorOf("c01") }, [], [true, false]);
    await expectPage({ last: 5, before: await cursorOf("c25") }, [], [false, true]);
    const nothing = await list({}, "nobody");
    expect([nothing.ids, sides(nothing)]).toEqual([[], [false, false]]);
    expect(nothing.pageInfo).toMatchObject({ startCursor: null, endCursor: null });
  });

  test("may start at an offset", async () => {
    await expectPage({ offset: 3, first: 2 }, ["c22", "c21"], [true, true]);
    await expectPage({ offset: 3, orderBy: { direction: "ASC" } }, IDS.slice(3, 23), [true, true]);
    await expectPage({ offset: 0 }, NEWEST.slice(0, 20), [false, true]);
    await expectPage({ offset: 5 }, NEWEST.slice(5), [true, false]);
    for (const offset of [25, 26, 2 ** 31 - 1]) await expectPage({ offset }, [], [true, false]);
    expect(sides(await list({ offset: 1 }, "nobody"))).toEqual([false, false]);
  });
});

describe("after and before together", () => {
  test("bound a window, from whose front or end the page comes", async () => {
    const window = { after: await cursorOf("c20"), before: await cursorOf("c15") };
    await expectPage({ ...window, first: 2 }, ["c19", "c18"], [true, true]);
    await expectPage({ ...window, last: 2 }, ["c17", "c16"], [true, true]);
    // In the direction of travel the window is all there is; behind, the list is.
    await expectPage(window, ["c19", "c18", "c17", "c16"], [true, false]);
    await expectPage({ ...window, last: 4 }, ["c19", "c18", "c17", "c16"], [false, true]);
  });

  test("leave nothing where they touch or cross", async () => {
    const [c20, c19] = [await cursorOf("c20"), await cursorOf("c19")];
    const windows = [
      [c20, c19],
      [c20, c20],
      [c19, c20],
    ];
    for (const [after, before] of windows) {
      await expectPage({ after, before }, [], [true, false]);
      await expectPage({ after, before, last: 5 }, [], [false, true]);
    }
  });
});

test("a cursor goes on marking its place when its row is gone", async () => {
  const records = ["d1", "d2", "d3"].map((id, index) =>
    conversation(id, { createdAt: day(index), isolationKey: "dan" }),
  );
  await store(server.database, records);
  const { cursors } = await list({}, "dan");
  await remove(server.database, "d2");
  expect((await list({ after: cursors[1] }, "dan")).ids).toEqual(["d1"]);
  expect((await list({ before: cursors[1], last: 1 }, "dan")).ids).toEqual(["d3"]);
  await remove(server.database, "d3");
  expect(sides(await list({ after: cursors[1] }, "dan")), "nothing precedes any more").toEqual([false, false]);
});

test("totalCount counts all that the filter lets through, whatever the page", async () => {
  const count = async (args: string) =>
    (await ask(server, `{ conversations${args} { totalCount } }`)).conversations.totalCount;
  expect(await count('(first: 2, filter: { agentName: "shop" })')).toBe(7);
  expect(await count('(last: 1, filter: { agentName: "bank" })')).toBe(18);
  expect(await count('(offset: 1000, filter: { agentName: "bank" })')).toBe(18);
  expect(await count('(filter: { agentName: "nobody" })')).toBe(0);
  const before = await count("");
  await store(server.database, [conversation("e1", { isolationKey: "eve", turns: [turn("e1-1")] })]);
  expect(await count("")).toBe(before + 1);
});
