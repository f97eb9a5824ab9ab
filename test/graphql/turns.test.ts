import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { conversation, store, turn } from "../harness/conversations.ts";
import { ask, post } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

let server: TestServer;
const assistant = { role: "assistant" } as const;

beforeAll(async () => {
  server = await startTestServer();
  await store(server.database, [
    conversation("talk", {
      revision: 12,
      turns: [
        turn("t1", { timestamp: new Date("2024-05-20T10:00:00.123Z") }),
        turn("t2", { ...assistant, inReplyToId: "t1", revision: 9 }),
        turn("t3", { ...assistant, inReplyToId: "t1", state: "stopped" }),
        turn("t4", { timestamp: new Date("2024-05-20T09:00:00.000Z"), messages: [] }),
        turn("t5", { ...assistant, inReplyToId: "t4", state: "error", errorDetail: "The model is away." }),
        turn("t6", { ...assistant, state: "error" }),
        turn("t7", { ...assistant, inReplyToId: "t4", state: "in-progress", revision: 12 }),
      ],
    }),
    conversation("empty"),
  ]);
});
afterAll(() => server.close());

const TURNS = `query ($id: ID!, $first: Int, $last: Int, $after: String, $before: String, $filter: TurnFilter) {
  conversation(id: $id) {
    turns(first: $first, last: $last, after: $after, before: $before, filter: $filter) {
      totalCount edges { cursor node { id } } nodes { id } pageInfo { hasPreviousPage hasNextPage startCursor endCursor }
    }
  }
}`;

async function list(args: Record<string, unknown> = {}, id = "talk") {
  const { edges, nodes, pageInfo, totalCount } = (await ask(server, TURNS, { id, ...args })).conversation.turns;
  const ids: string[] = edges.map((edge: { node: { id: string } }) => edge.node.id);
  const cursors: string[] = edges.map((edge: { cursor: string }) => edge.cursor);
  expect(nodes.map((node: { id: string }) => node.id)).toEqual(ids);
  expect([pageInfo.startCursor, pageInfo.endCursor]).toEqual([cursors.at(0) ?? null, cursors.at(-1) ?? null]);
  return { ids: ids.join(" "), cursors, sides: [pageInfo.hasPreviousPage, pageInfo.hasNextPage], totalCount };
}

describe("the turns of a conversation", () => {
  test("come in the order in which they were said, from either end", async () => {
    expect(await list()).toMatchObject({ ids: "t1 t2 t3 t4 t5 t6 t7", sides: [false, false], totalCount: 7 });
    expect(await list({ first: 2 })).toMatchObject({ ids: "t1 t2", sides: [false, true], totalCount: 7 });
    expect(await list({ last: 2 })).toMatchObject({ ids: "t6 t7", sides: [true, false], totalCount: 7 });
    expect(await list({}, "empty")).toMatchObject({ ids: "", sides: [false, false], totalCount: 0 });
    const nothing = { first: null, last: null, after: null, before: null, filter: null };
    expect(await list(nothing)).toEqual(await list());
  });

  test("in a window", async () => {
    const { cursors } = await list();
    const window = { after: cursors[0], before: cursors[5] };
    expect(await list(window)).toMatchObject({ ids: "t2 t3 t4 t5", sides: [true, false] });
    expect(await list({ ...window, first: 3 })).toMatchObject({ ids: "t2 t3 t4", sides: [true, true] });
    expect(await list({ ...window, last: 3 })).toMatchObject({ ids: "t3 t4 t5", sides: [true, true] });
    expect(await list({ after: cursors[6] })).toMatchObject({ ids: "", sides: [true, false] });
    expect(await list({ before: cursors[0], last: 1 })).toMatchObject({ ids: "", sides: [false, true] });
    expect(await list({ after: cursors[3], before: cursors[3] })).toMatchObject({ ids: "" });
  });

  test.each([
    [{ role: "USER" }, "t1 t4"],
    [{ role: "ASSISTANT" }, "t2 t3 t5 t6 t7"],
    [{ state: "DONE" }, "t1 t2 t4"],
    [{ state: "STOPPED" }, "t3"],
    [{ state: "ERROR" }, "t5 t6"],
    [{ state: "IN_PROGRESS" }, "t7"],
    [{ role: "ASSISTANT", state: "DONE" }, "t2"],
    [{ role: "USER", state: "ERROR" }, ""],
    [{ role: null, state: null }, "t1 t2 t3 t4 t5 t6 t7"],
    [{}, "t1 t2 t3 t4 t5 t6 t7"],
  ])("that %j lets through", async (filter, ids) => {
    const totalCount = ids.split(" ").filter((id) => id !== "").length;
    expect(await list({ filter })).toMatchObject({ ids, totalCount, sides: [false, false] });
    const lastOne = await list({ filter, last: 1 });
    expect(lastOne).toMatchObject({ ids: ids.split(" ").at(-1), totalCount, sides: [totalCount > 1, false] });
  });

  test.each([
    [{ first: 0 }, "first"],
    [{ first: 101 }, "first"],
    [{ last: -1 }, "last"],
    [{ first: 1, last: 1 }, "last"],
    [{ after: "" }, "after"],
    [{ before: "1" }, "before"],
  ])("%j is refused", async (args, argument) => {
    const { data, errors } = await post(server, TURNS, { id: "talk", ...args });
    expect(data).toEqual({ conversation: null });
    expect(errors).toHaveLength(1);
    expect(errors?.[0]).toMatchObject({
      path: ["conversation", "turns"],
      extensions: { code: "BAD_USER_INPUT", argument },
    });
  });

  test("one field several times in a document, with different arguments", async () => {
    const { conversations } = await ask(
      server,
      `{
      conversations(orderBy: { direction: ASC }) { nodes {
        id
        first: turns(first: 1) { nodes { id } }
        last: turns(last: 1) { nodes { id } totalCount }
        user: turns(filter: { role: USER }) { nodes { id } totalCount }
        open: turns(filter: { state: IN_PROGRESS }) { nodes { id } totalCount }
        none: turns { totalCount }
      } }
    }`,
    );
    expect(conversations.nodes.find(({ id }: { id: string }) => id === "talk")).toEqual({
      id: "talk",
      first: { nodes: [{ id: "t1" }] },
      last: { nodes: [{ id: "t7" }], totalCount: 7 },
      user: { nodes: [{ id: "t1" }, { id: "t4" }], totalCount: 2 },
      open: { nodes: [{ id: "t7" }], totalCount: 1 },
      none: { totalCount: 7 },
    });
  });
});

test("a turn knows its place, its state, what it answers and where it belongs", async () => {
  const { conversation } = await ask(
    server,
    `{ conversation(id: "talk") { turns { nodes {
    position revision role state timestamp errorDetail inReplyTo { id role } conversation { id }
  } } } }`,
  );
  const [at10, at9] = ["2024-05-20T10:00:00.000Z", "2024-05-20T09:00:00.000Z"];
  const [t1, t4] = [
    { id: "t1", role: "USER" },
    { id: "t4", role: "USER" },
  ];
  const common = { errorDetail: null, conversation: { id: "talk" }, timestamp: at10 };
  expect(conversation.turns.nodes).toEqual([
    {
      ...common,
      position: 1,
      revision: 1,
      role: "USER",
      state: "DONE",
      timestamp: "2024-05-20T10:00:00.123Z",
      inReplyTo: null,
    },
    { ...common, position: 2, revision: 9, role: "ASSISTANT", state: "DONE", inReplyTo: t1 },
    { ...common, position: 3, revision: 3, role: "ASSISTANT", state: "STOPPED", inReplyTo: t1 },
    { ...common, position: 4, revision: 4, role: "USER", state: "DONE", timestamp: at9, inReplyTo: null },
    {
      ...common,
      position: 5,
      revision: 5,
      role: "ASSISTANT",
      state: "ERROR",
      errorDetail: "The model is away.",
      inReplyTo: t4,
    },
    { ...common, position: 6, revision: 6, role: "ASSISTANT", state: "ERROR", inReplyTo: null },
    { ...common, position: 7, revision: 12, role: "ASSISTANT", state: "IN_PROGRESS", inReplyTo: t4 },
  ]);
});
