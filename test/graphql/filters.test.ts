import { afterAll, beforeAll, expect, test } from "vitest";

import { conversation, store, turn } from "../harness/conversations.ts";
import { ask, post } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

let server: TestServer;
const NOON = "2024-05-20T12:00:00.000Z";
const noonPlus = (milliseconds: number) => new Date(Date.parse(NOON) + milliseconds);
const call = (name: string) => ({ kind: "functionCall" as const, name, args: {} });

beforeAll(async () => {
  server = await startTestServer();
  await store(server.database, [
    conversation("a", { createdAt: noonPlus(0), updatedAt: noonPlus(9), agent: { name: "shop", version: null } }),
    conversation("b", { createdAt: noonPlus(1), updatedAt: noonPlus(8), agent: { name: "shop", version: "1" } }),
    conversation("c", { createdAt: noonPlus(2), updatedAt: noonPlus(7), agent: { name: "shop", version: "1:beta" } }),
    conversation("d", {
      createdAt: noonPlus(3),
      updatedAt: noonPlus(6),
      agent: { name: "Shop", version: "1" },
      metadata: { topic: "Refund", tier: "gold", ["__proto__"]: "x" },
    }),
    conversation("e", { createdAt: noonPlus(4), updatedAt: noonPlus(5), metadata: { topic: "Refund", tier: "" } }),
    conversation("f", {
      createdAt: noonPlus(5),
      updatedAt: noonPlus(5),
      metadata: { topic: "refund" },
      turns: [
        turn("f1"),
        turn("f2", { role: "assistant", state: "in-progress", messages: [call("pay"), call("pay")] }),
        turn("f3", { role: "assistant", state: "stopped", messages: [call("book_flight")] }),
      ],
    }),
    conversation("g", {
      createdAt: noonPlus(6),
      updatedAt: noonPlus(4),
      agent: { name: "shop", version: "1" },
      metadata: { topic: "Refund" },
      turns: [
        turn("g1"),
        turn("g2", { role: "assistant", state: "error", messages: [call("pay")] }),
        turn("g3", { messages: [{ kind: "functionResponse", name: "ship", response: "", failed: false }] }),
      ],
    }),
  ]);
});
afterAll(() => server.close());

const LIST = `query ($filter: ConversationFilter) {
  conversations(filter: $filter, orderBy: { direction: ASC }) { totalCount nodes { id } }
}`;

test.each([
  ["no condition", {}, "abcdefg"],
  ["null", null, "abcdefg"],

  ["agentName, any version", { agentName: "shop" }, "abcg"],
  ["agentName in its own case", { agentName: "Shop" }, "d"],
  ["agentName is no pattern", { agentName: "sho%" }, ""],
  ["agentName empty", { agentName: "" }, ""],
  ["agentName has no version", { agentName: "shop:1" }, ""],
  ["agentId without a colon is a name", { agentId: "shop" }, "abcg"],
  ["agentId with a version", { agentId: "shop:1" }, "bg"],
  ["agentId splits at its first colon", { agentId: "shop:1:beta" }, "c"],
  ["agentId with an empty version", { agentId: "shop:" }, ""],
  ["agentId with an empty name", { agentId: ":1" }, ""],
  ["agentName and agentId agree", { agentName: "shop", agentId: "shop:1" }, "bg"],
  ["agentName and agentId differ", { agentName: "Shop", agentId: "shop:1" }, ""],

  ["metadata", { metadata: [{ key: "topic", value: "Refund" }] }, "deg"],
  [
    "metadata, every entry",
    {
      metadata: [
        { key: "topic", value: "Refund" },
        { key: "tier", value: "gold" },
      ],
    },
    "d",
  ],
  [
    "metadata, one key twice",
    {
      metadata: [
        { key: "topic", value: "Refund" },
        { key: "topic", value: "refund" },
      ],
    },
    "",
  ],
  [
    "metadata, the same entry twice",
    {
      metadata: [
        { key: "tier", value: "gold" },
        { key: "tier", value: "gold" },
      ],
    },
    "d",
  ],
  ["metadata, an empty value", { metadata: [{ key: "tier", value: "" }] }, "e"],
  ["metadata, a value is no key", { metadata: [{ key: "Refund", value: "topic" }] }, ""],
  ["metadata, __proto__", { metadata: [{ key: "__proto__", value: "x" }] }, "d"],
  ["metadata, constructor", { metadata: [{ key: "constructor", value: "x" }] }, ""],
  ["metadata, no entry", { metadata: [] }, "abcdefg"],
  ["metadata, longer than any that is stored", { metadata: [{ key: "k".repeat(1000), value: "v".repeat(1000) }] }, ""],

  ["createdFrom is inclusive", { createdFrom: noonPlus(4) }, "efg"],
  ["createdBefore is exclusive", { createdBefore: noonPlus(4) }, "abcd"],
  ["created between", { createdFrom: noonPlus(2), createdBefore: noonPlus(4) }, "cd"],
  ["created between, the wrong way round", { createdFrom: noonPlus(4), createdBefore: noonPlus(2) }, ""],
  ["updatedFrom is inclusive", { updatedFrom: noonPlus(6) }, "abcd"],
  ["updatedBefore is exclusive", { updatedBefore: noonPlus(6) }, "efg"],
  ["an instant of another zone", { createdFrom: "2024-05-20T14:00:00.005+02:00" }, "fg"],
  ["an instant is cut to milliseconds", { createdFrom: "2024-05-20T12:00:00.0059999999Z" }, "fg"],
  ["the first instant", { createdFrom: "0001-01-01T00:00:00Z" }, "abcdefg"],
  ["the last instant", { createdFrom: "9999-12-31T23:59:59.999Z" }, ""],

  ["calledFunction", { calledFunction: "pay" }, "fg"],
  ["calledFunction of another turn", { calledFunction: "book_flight" }, "f"],
  ["calledFunction, not one that only answered", { calledFunction: "ship" }, ""],
  ["calledFunction is the whole name", { calledFunction: "book" }, ""],

  ["turnState IN_PROGRESS", { turnState: "IN_PROGRESS" }, "f"],
  ["turnState DONE", { turnState: "DONE" }, "fg"],
  ["turnState STOPPED", { turnState: "STOPPED" }, "f"],
  ["turnState ERROR", { turnState: "ERROR" }, "g"],

  ["turn conditions hold for the conversation", { calledFunction: "pay", turnState: "STOPPED" }, "f"],
  ["two conditions", { agentName: "shop", createdFrom: noonPlus(1), updatedFrom: noonPlus(8) }, "b"],
  [
    "every condition at once",
    {
      agentName: "shop",
      agentId: "shop:1",
      metadata: [{ key: "topic", value: "Refund" }],
      createdFrom: noonPlus(6),
      createdBefore: noonPlus(7),
      updatedFrom: noonPlus(4),
      updatedBefore: noonPlus(5),
      search: "this g1",
      calledFunction: "pay",
      turnState: "ERROR",
    },
    "g",
  ],
])("%s", async (_name, filter, ids) => {
  const { conversations } = await ask(server, LIST, { filter });
  expect(conversations.nodes.map(({ id }: { id: string }) => id).join("")).toBe(ids);
  expect(conversations.totalCount).toBe(ids.length);
});

test("each condition of the last case counts: changing any one finds nothing", async () => {
  const good = { agentId: "shop:1", createdFrom: noonPlus(6), search: "g1", calledFunction: "pay", turnState: "ERROR" };
  const changes = [
    { agentName: "bank" },
    { agentId: "shop:2" },
    { metadata: [{ key: "topic", value: "Return" }] },
    { createdFrom: noonPlus(7) },
    { createdBefore: noonPlus(6) },
    { updatedFrom: noonPlus(5) },
    { updatedBefore: noonPlus(4) },
    { search: "f1" },
    { calledFunction: "ship" },
    { turnState: "STOPPED" },
  ];
  const count = async (filter: object) => (await ask(server, LIST, { filter })).conversations.totalCount;
  expect(await count(good)).toBe(1);
  for (const change of changes) expect(await count({ ...good, ...change }), JSON.stringify(change)).toBe(0);
});

test.each([
  ["filter.agentName", { agentName: "\0" }],
  ["filter.agentId", { agentId: "shop:\ud800" }],
  [
    "filter.metadata.1.key",
    {
      metadata: [
        { key: "a", value: "b" },
        { key: "\udc00", value: "b" },
      ],
    },
  ],
  ["filter.metadata.0.value", { metadata: [{ key: "a", value: "b\0" }] }],
  ["filter.calledFunction", { calledFunction: "pay\0" }],
  ["filter.search", { search: "words\0" }],
])("text that cannot be stored is refused: %s", async (argument, filter) => {
  const { data, errors } = await post(server, LIST, { filter });
  expect(data ?? null).toBeNull();
  expect(errors?.map(({ extensions }) => extensions)).toEqual([
    { code: "BAD_USER_INPUT", argument, requestId: expect.any(String) },
  ]);
});
