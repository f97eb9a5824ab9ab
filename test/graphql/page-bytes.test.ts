import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { encodeCursor } from "../../src/relay/cursor.ts";
import { conversation, store, turn } from "../harness/conversations.ts";
import { ask, post } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

const MOST = 20_000;
const TURNS = 40;
const CONVERSATIONS = 12;

let compiled: TestServer;
let resolved: TestServer;
beforeAll(async () => {
  compiled = await startTestServer({ MAX_PAGE_BYTES: String(MOST) });
  resolved = await startTestServer({ MAX_PAGE_BYTES: String(MOST), COMPILE_DOCUMENTS: "0" }, compiled.url);
  // Sizes of every kind: many short turns, some that are a page by themselves, one that is more than that.
  const sizeOf = (index: number) => (index === 7 ? 1.5 * MOST : (index * index * 977) % (MOST / 2));
  const turnsOf = (id: string) =>
    Array.from({ length: TURNS }, (_, index) => turn(`${id}.${index}`, { text: "x".repeat(sizeOf(index)) }));
  const list = Array.from({ length: CONVERSATIONS }, (_, index) => `list${index}`);
  await store(compiled.database, [
    conversation("long", { turns: turnsOf("long") }),
    conversation("short", { turns: [turn("short.1")] }),
    ...["wide0", "wide1", "wide2"].map((id) =>
      conversation(id, {
        agent: { name: "wide", version: null },
        turns: [1, 2].map((index) => turn(`${id}.${index}`, { text: "x".repeat(15_000) })),
      }),
    ),
    ...list.map((id) => conversation(id, { agent: { name: "list", version: null }, turns: turnsOf(id) })),
  ]);
});
afterAll(async () => {
  await resolved.close();
  await compiled.close();
});

/** The data of the document, which has to be the same in both forms. */
async function read(document: string, variables: Record<string, unknown> = {}) {
  const [fast, slow] = [await ask(compiled, document, variables), await ask(resolved, document, variables)];
  expect(fast).toEqual(slow);
  return fast;
}

const PAGE = `totalCount nodes { id messages { ... on TextFragment { content } } }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor }`;
const TURN_PAGE = `query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
  conversation(id: $id) { turns(first: $first, after: $after, last: $last, before: $before) { ${PAGE} } }
}`;

interface TurnPage {
  totalCount: number;
  nodes: { id: string; messages: { content: string }[] }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
}

const bytesOf = (pages: TurnPage[]) =>
  pages.flatMap(({ nodes }) => nodes).reduce((sum, { messages }) => sum + (messages[0]?.content.length ?? 0), 0);

/** The ids of the turns in the order of the conversation, read page by page from where the first page ended. */
async function walk(id: string, size: number, backward: boolean, from: string | null = null): Promise<string[]> {
  const ids: string[] = [];
  let cursor = from;
  for (let more = true; more; ) {
    const variables = backward ? { id, last: size, before: cursor } : { id, first: size, after: cursor };
    const page: TurnPage = (await read(TURN_PAGE, variables)).conversation.turns;
    const { hasNextPage, hasPreviousPage, startCursor, endCursor } = page.pageInfo;
    expect(page.totalCount).toBe(TURNS);
    expect(page.nodes.length).toBeGreaterThan(0);
    if (page.nodes.length > 1) expect(bytesOf([page])).toBeLessThan(MOST);
    expect(backward ? hasNextPage : hasPreviousPage).toBe(cursor !== null);
    const found = page.nodes.map((node) => node.id);
    ids.splice(backward ? 0 : ids.length, 0, ...found);
    [cursor, more] = backward ? [startCursor, hasPreviousPage] : [endCursor, hasNextPage];
  }
  return ids;
}

const cursorAt = (position: number) => encodeCursor({ field: "POSITION", direction: "ASC" }, [position]);
const idsOf = (id: string) => Array.from({ length: TURNS }, (_, index) => `${id}.${index}`);

describe.each([1, 2, 7, 100])("in pages of %i", (size) => {
  test.each([
    ["forward", false],
    ["backward", true],
  ])("every turn comes once, %s", async (_name, backward) => {
    expect(await walk("long", size, backward)).toEqual(idsOf("long"));
  });
});

test("the pages of several conversations share the room, and each goes on where it ended", async () => {
  const document = `{ conversations(first: ${CONVERSATIONS}, filter: { agentName: "list" }) {
    totalCount nodes { id turns(first: 100) { ${PAGE} } } } }`;
  const { conversations } = await read(document);
  expect([conversations.totalCount, conversations.nodes.length]).toEqual([CONVERSATIONS, CONVERSATIONS]);
  const pages: { id: string; turns: TurnPage }[] = conversations.nodes;
  expect(bytesOf(pages.map(({ turns }) => turns))).toBeLessThan(MOST);
  for (const { id, turns } of pages) {
    expect(turns.pageInfo.hasNextPage).toBe(true);
    const rest = await walk(id, 100, false, turns.pageInfo.endCursor);
    expect([...turns.nodes.map((node) => node.id), ...rest]).toEqual(idsOf(id));
  }
});

test.each([
  ["first: 1, after: $cursor", cursorAt(1), { hasNextPage: true, startCursor: null, endCursor: cursorAt(1) }],
  ["last: 1, before: $cursor", cursorAt(3), { hasPreviousPage: true, startCursor: cursorAt(3), endCursor: null }],
  ["first: 1", null, { hasNextPage: true, startCursor: null, endCursor: null }],
])(
  "a page that has room for no turn says that there are some, and goes on where it was entered: %s",
  async (args, cursor, pageInfo) => {
    const declared = cursor === null ? "" : "query ($cursor: String) ";
    const document = `${declared}{ conversations(filter: { agentName: "wide" }) { nodes { turns(${args}) { ${PAGE} } } } }`;
    const { conversations } = await read(document, { cursor });
    const pages: TurnPage[] = conversations.nodes.map(({ turns }: { turns: TurnPage }) => turns);
    expect(pages.map(({ nodes }) => nodes.length)).toEqual([1, 0, 0]);
    for (const page of pages.slice(1)) expect(page.pageInfo).toMatchObject(pageInfo);
  },
);

test("lists below different root fields have their own room, those of one field under two aliases too", async () => {
  const list =
    'conversations(filter: { agentName: "wide" }) { nodes { a: turns { nodes { id } } b: turns(last: 1) { nodes { id } } } }';
  const { one, two } = await read(`{ one: ${list} two: ${list} }`);
  expect(one).toEqual(two);
  expect(one.nodes.map(({ a, b }: Record<"a" | "b", TurnPage>) => [a.nodes.length, b.nodes.length])).toEqual([
    [1, 1],
    [0, 0],
    [0, 0],
  ]);
});

test("turns by id that have too much together are refused, naming the ids", async () => {
  const document = `query ($ids: [ID!]!) { nodes(ids: $ids) { id } }`;
  const fits = { ids: ["long.7", "wide0", "list0", "none"] };
  expect((await read(document, fits)).nodes).toEqual([{ id: "long.7" }, { id: "wide0" }, { id: "list0" }, null]);
  for (const server of [compiled, resolved]) {
    const { data, errors } = await post(server, document, { ids: ["wide0.1", "wide0.2", "none"] });
    expect(data ?? null).toBeNull();
    expect(errors).toHaveLength(1);
    expect(errors).toMatchObject([{ path: ["nodes"], extensions: { code: "LIMIT_EXCEEDED", argument: "ids" } }]);
  }
});

test("a page with long turns costs one statement more than one without", async () => {
  const count = (one: TestServer, id: string) => one.countStatements(() => ask(one, TURN_PAGE, { id, first: 2 }));
  expect([await count(compiled, "short"), await count(compiled, "long"), await count(compiled, "wide0")]).toEqual([
    1, 1, 2,
  ]);
  expect([await count(resolved, "short"), await count(resolved, "long"), await count(resolved, "wide0")]).toEqual([
    2, 2, 3,
  ]);
});
