import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { conversation, store, turn } from "../harness/conversations.ts";
import { getFixie, getFoundry, idsOf } from "../harness/get-list.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

let server: TestServer;

const NEWEST = Date.parse("2024-03-07T22:56:08.570Z");

function aged(id: string, seconds: number, name: string, version: string | null = null) {
  return conversation(id, { createdAt: new Date(NEWEST - seconds * 1000), agent: { name, version } });
}

// m001 is the newest. Three in a row are tied, so that pages end inside a tie.
const MANY = Array.from({ length: 130 }, (_, index) =>
  aged(`m${String(index + 1).padStart(3, "0")}`, Math.floor(index / 3), "many"),
);
const MANY_IDS = MANY.toSorted(
  (one, other) => other.createdAt.getTime() - one.createdAt.getTime() || (one.id > other.id ? -1 : 1),
).map(({ id }) => id);

beforeAll(async () => {
  server = await startTestServer();
  await store(server.database, [
    ...MANY,
    aged("s1", 1, "support", "1"),
    aged("s2", 2, "support", "2"),
    aged("s3", 3, "support"),
    aged("s4", 4, "support", "2:beta"),
    aged("eu", 5, "support-eu", "1"),
    aged("slash", 6, "team/support"),
    aged("space", 7, "größe & 🙂"),
    aged("percent", 8, "50%"),
    aged("dot", 9, ".."),
    aged("plus", 10, "a+b"),
    conversation("agentless"),
  ]);
});

afterAll(() => server.close());

describe("offset and limit", () => {
  test.each([
    ["", 100, 0, MANY_IDS.slice(0, 100)],
    ["limit=100", 100, 0, MANY_IDS.slice(0, 100)],
    ["limit=1", 1, 0, MANY_IDS.slice(0, 1)],
    ["limit=007&offset=0", 7, 0, MANY_IDS.slice(0, 7)],
    ["offset=1&limit=4", 4, 1, MANY_IDS.slice(1, 5)],
    ["offset=90", 100, 90, MANY_IDS.slice(90)],
    ["offset=129&limit=1", 1, 129, MANY_IDS.slice(129)],
    ["offset=130", 100, 130, []],
    ["offset=2147483647&limit=100", 100, 2_147_483_647, []],
  ])("%s", async (query, requestedPageSize, requestedOffset, ids) => {
    const page = await getFixie(server, "many", query);
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "application/json; charset=utf-8"]);
    expect(idsOf(page)).toEqual(ids);
    expect(page.body.pageInfo).toEqual({ requestedPageSize, requestedOffset, totalResultCount: 130 });
  });

  test("an empty page is the documented body all the same", async () => {
    const { text } = await getFixie(server, "many", "offset=130&limit=3");
    const pageInfo = '{"requestedPageSize":3,"requestedOffset":130,"totalResultCount":130}';
    expect(text).toBe(`{"conversations":[],"pageInfo":${pageInfo}}`);
  });

  test.each([1, 7, 23, 100])("pages of %i are full up to the last, and hold each conversation once", async (limit) => {
    const pages: string[][] = [];
    // A client of this list stops at a page that is not full.
    for (let offset = 0; pages.at(-1)?.length === limit || offset === 0; offset += limit) {
      pages.push(idsOf(await getFixie(server, "many", `limit=${limit}&offset=${offset}`)));
    }
    expect(pages.flat()).toEqual(MANY_IDS);
  });

  test("the order is the Foundry list's", async () => {
    const foundry = await getFoundry(server, "agent_name=many&limit=100");
    expect(idsOf(await getFixie(server, "many"))).toEqual(idsOf(foundry));
  });
});

describe("agentId", () => {
  test.each([
    ["support", ["s1", "s2", "s3", "s4"]],
    ["support:1", ["s1"]],
    ["support%3A2", ["s2"]],
    ["support:2:beta", ["s4"]],
    ["%73upport", ["s1", "s2", "s3", "s4"]],
    ["support-eu", ["eu"]],
    ["team%2Fsupport", ["slash"]],
    [encodeURIComponent("größe & 🙂"), ["space"]],
    ["50%25", ["percent"]],
    ["50%", ["percent"]],
    ["a+b", ["plus"]],
    ["a%20b", []],
    ["Support", []],
    ["support:3", []],
    ["support:", []],
    [":1", []],
    ["nobody", []],
    ["%FF", []],
    ["__proto__", []],
  ])("%s", async (agentId, ids) => {
    const page = await getFixie(server, agentId);
    expect([page.status, idsOf(page)]).toEqual([200, ids]);
    expect(page.body.pageInfo).toEqual({
      requestedPageSize: 100,
      requestedOffset: 0,
      totalResultCount: ids.length,
    });
  });
});

test("a conversation without turns has an empty list of them", async () => {
  const { text } = await getFixie(server, "support:1");
  const pageInfo = '{"requestedPageSize":100,"requestedOffset":0,"totalResultCount":1}';
  expect(text).toBe(`{"conversations":[{"id":"s1","turns":[]}],"pageInfo":${pageInfo}}`);
});

test("a page and its count are a statement each, whatever the page's size", async () => {
  const records = Array.from({ length: 100 }, (_, index) =>
    conversation(`small-${index}`, {
      agent: { name: "small", version: null },
      turns: [turn(`q${index}`), turn(`a${index}`, { role: "assistant", inReplyToId: `q${index}` })],
    }),
  );
  await store(server.database, records);
  expect(await server.countStatements(() => getFixie(server, "small", "limit=1"))).toBe(2);
  expect(await server.countStatements(() => getFixie(server, "small", "limit=100"))).toBe(2);
});

test("of a long conversation, a hundred turns come with the page, and five hundred with each further statement", async () => {
  const ofLength = (length: number) =>
    conversation(`long-${length}`, {
      agent: { name: `long-${length}`, version: null },
      turns: Array.from({ length }, (_, position) => turn(`m${length}.${position}`)),
    });
  await store(server.database, [ofLength(100), ofLength(101), ofLength(1_100)]);
  const statements = async (length: number) => {
    let turns = 0;
    const count = await server.countStatements(async () => {
      const { body } = await getFixie(server, `long-${length}`);
      turns = body.conversations[0]?.turns.length ?? 0;
    });
    return [turns, count];
  };
  expect([await statements(100), await statements(101), await statements(1_100)]).toEqual([
    [100, 2],
    [101, 3],
    [1_100, 4],
  ]);
});

test("HEAD answers as GET does, without the body", async () => {
  const head = await fetch(`${server.origin}/api/v1/agents/support/conversations`, { method: "HEAD" });
  expect([head.status, head.headers.get("content-type"), await head.text()]).toEqual([
    200,
    "application/json; charset=utf-8",
    "",
  ]);
  expect(head.headers.get("x-request-id")).toMatch(/^req_[0-9a-f]{32}$/);
});
