import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { conversation, store, turn } from "../harness/conversations.ts";
import { getFoundry, getJson, idsOf } from "../harness/get-list.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

let server: TestServer;
let empty: TestServer;

const NEWEST = Date.parse("2024-05-20T10:00:00.999Z");
const SUPPORT_1 = { name: "support", version: "1" };
const SUPPORT_2 = { name: "support", version: "2" };
const SUPPORT_2_1 = { name: "support", version: "2:1" };
const SUPPORT = { name: "support", version: null };
const OTHER = { name: "support-eu", version: "1" };

// c01 is the newest, each next one a second older.
const CONVERSATIONS = Array.from({ length: 25 }, (_, index) =>
  conversation(`c${String(index + 1).padStart(2, "0")}`, {
    createdAt: new Date(NEWEST - index * 1000),
    agent: [SUPPORT_1, SUPPORT_2, SUPPORT, OTHER, SUPPORT_2_1][index] ?? null,
    metadata: index === 0 ? { topic: "Größe 🙂", ["__proto__"]: "kept", "10": "b", empty: "" } : {},
    turns: [turn(`t${index + 1}`)],
  }),
);
const IDS = CONVERSATIONS.map(({ id }) => id);

beforeAll(async () => {
  [server, empty] = await Promise.all([startTestServer(), startTestServer()]);
  await store(server.database, CONVERSATIONS);
});

afterAll(() => Promise.all([server.close(), empty.close()]));

test("without parameters the 20 newest conversations come, newest first, with more to follow", async () => {
  const page = await getFoundry(server);
  expect(page.status).toBe(200);
  expect(page.headers.get("content-type")).toBe("application/json; charset=utf-8");
  expect(idsOf(page)).toEqual(IDS.slice(0, 20));
  expect(page.body.has_more).toBe(true);
});

test("body and objects have exactly the documented members, in the documented order", async () => {
  const { text } = await getFoundry(server, "limit=2");
  const metadata = '{"10":"b","topic":"Größe 🙂","__proto__":"kept","empty":""}';
  expect(text).toBe(
    `{"data":[{"id":"c01","object":"conversation","created_at":1716199200,"metadata":${metadata}},` +
      '{"id":"c02","object":"conversation","created_at":1716199199,"metadata":{}}],' +
      '"first_id":"c01","last_id":"c02","has_more":true}',
  );
});

test("an empty list leaves first_id and last_id out", async () => {
  expect((await getFoundry(empty)).text).toBe('{"data":[],"has_more":false}');
  expect((await getFoundry(server, "agent_name=nobody")).text).toBe('{"data":[],"has_more":false}');
});

test("created_at is cut to whole seconds, also before 1970", async () => {
  const old = conversation("old", { createdAt: new Date("1969-12-31T23:59:58.500Z") });
  const ancient = conversation("ancient", { createdAt: new Date("0001-01-01T00:00:00.000Z") });
  await store(
    empty.database,
    [old, ancient].map((record) => ({ ...record, isolationKey: "history" })),
  );
  const page = await getFoundry(empty, "", { "x-ms-user-isolation-key": "history" });
  expect(page.body.data.map(({ created_at }) => created_at)).toEqual([-2, -62_135_596_800]);
  const next = await getFoundry(empty, "after=old", { "x-ms-user-isolation-key": "history" });
  expect(idsOf(next)).toEqual(["ancient"]);
});

describe("every path that the official clients build answers alike", () => {
  test.each([
    "/openai/v1/conversations",
    "/openai/conversations",
    "/api/projects/default/openai/v1/conversations",
    "/api/projects/default/openai/conversations",
    "/api/projects/%64efault/openai/conversations",
  ])("%s", async (path) => {
    const page = await getJson(`${server.origin}${path}?limit=3&order=asc`);
    const documented = await getFoundry(server, "limit=3&order=asc");
    expect([page.status, page.text]).toEqual([200, documented.text]);
  });
});

describe("limit and order", () => {
  test.each([
    ["limit=1", IDS.slice(0, 1), true],
    ["limit=24", IDS.slice(0, 24), true],
    ["limit=25", IDS, false],
    ["limit=100", IDS, false],
    ["limit=007", IDS.slice(0, 7), true],
    ["order=desc", IDS.slice(0, 20), true],
    ["order=asc", IDS.toReversed().slice(0, 20), true],
    ["order=asc&limit=100", IDS.toReversed(), false],
  ])("%s", async (query, ids, hasMore) => {
    const page = await getFoundry(server, query);
    expect([idsOf(page), page.body.has_more]).toEqual([ids, hasMore]);
    expect([page.body.first_id, page.body.last_id]).toEqual([ids.at(0), ids.at(-1)]);
  });
});

describe("agents", () => {
  test.each([
    ["agent_name=support", ["c01", "c02", "c03", "c05"]],
    ["agent_name=support-eu", ["c04"]],
    ["agent_name=Support", []],
    ["agent_name=support:1", []],
    ["agent_name=", []],
    ["agent_id=support:1", ["c01"]],
    ["agent_id=support%3A2", ["c02"]],
    ["agent_id=support:2:1", ["c05"]],
    ["agent_id=support", ["c01", "c02", "c03", "c05"]],
    ["agent_id=support:3", []],
    ["agent_id=support:", []],
    ["agent_id=:1", []],
    ["agent_name=support&agent_id=support:2", ["c02"]],
    ["agent_name=support-eu&agent_id=support:1", []],
  ])("%s", async (query, ids) => {
    const page = await getFoundry(server, query);
    expect([page.status, idsOf(page), page.body.has_more]).toEqual([200, ids, false]);
  });

  test("has_more counts only what the filter lets through, also from a cursor outside of it", async () => {
    const first = await getFoundry(server, "agent_name=support&limit=3");
    expect([idsOf(first), first.body.has_more]).toEqual([["c01", "c02", "c03"], true]);
    const rest = await getFoundry(server, "agent_name=support&after=c04&limit=1");
    expect([idsOf(rest), rest.body.has_more]).toEqual([["c05"], false]);
    const before = await getFoundry(server, "agent_name=support-eu&before=c20&limit=1");
    expect([idsOf(before), before.body.has_more]).toEqual([["c04"], false]);
  });
});

test("unknown query keys are ignored, also when they are given twice or named like members of an object", async () => {
  const query = "api-version=2025-05-01&api-version=x&Limit=0&LIMIT=0&offset=-1&__proto__=1&constructor=1&=&&limit=2";
  expect((await getFoundry(server, query)).text).toBe((await getFoundry(server, "limit=2")).text);
});

test("any key is ignored while the server is open", async () => {
  const withKeys = await getFoundry(server, "limit=2", { authorization: "Bearer nothing", "api-key": "nothing" });
  expect(withKeys.text).toBe((await getFoundry(server, "limit=2")).text);
});

test("HEAD answers as GET does, without the body", async () => {
  const url = `${server.origin}/openai/v1/conversations`;
  const [get, head] = await Promise.all([fetch(url), fetch(url, { method: "HEAD" })]);
  expect([head.status, await head.text()]).toEqual([200, ""]);
  for (const name of ["content-type", "content-length"]) expect(head.headers.get(name)).toBe(get.headers.get(name));
  expect(head.headers.get("x-request-id")).toMatch(/^req_[0-9a-f]{32}$/);
  await get.text();
});

test("a page costs one statement, and one more with cursors, whatever its size", async () => {
  expect(await server.countStatements(() => getFoundry(server, "limit=100"))).toBe(1);
  expect(await server.countStatements(() => getFoundry(server, "after=c03&before=c20&limit=100"))).toBe(2);
});
