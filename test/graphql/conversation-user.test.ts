import { afterAll, beforeAll, expect, test } from "vitest";

import { createKey } from "../../src/store/keys/keys.ts";
import { conversation, store, turn } from "../harness/conversations.ts";
import { ask, post } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

let server: TestServer;
let resolving: TestServer;
let project: Record<string, string>;
let user: Record<string, string>;
beforeAll(async () => {
  server = await startTestServer();
  resolving = await startTestServer({ COMPILE_DOCUMENTS: "0" }, server.url);
  project = { "api-key": await createKey(server.database, "shop", "project", null) };
  user = { "api-key": await createKey(server.database, "shop", "user", null), "x-ms-user-isolation-key": "ann" };
  const agent = { name: "desk", version: "1" };
  const turns = [turn("t1", { text: "words" })];
  const records = [
    conversation("a", { isolationKey: "ann", agent, metadata: { title: 'A "title"' }, turns }),
    conversation("b", { isolationKey: "ann", metadata: { title: "", tier: "gold" } }),
    conversation("c", { isolationKey: "bob", agent, metadata: { tier: "gold" } }),
    conversation("d", { metadata: { Title: "no title" } }),
  ];
  await store(server.database, records, "shop");
});
afterAll(async () => {
  await resolving.close();
  await server.close();
});

const LIST = `query ($filter: ConversationFilter, $orderBy: ConversationOrder) {
  conversations(filter: $filter, orderBy: $orderBy) { totalCount nodes { id title user } }
}`;
const UPDATED = { field: "UPDATED_AT", direction: "ASC" };
const OLDEST = { direction: "ASC" };

test("a conversation has the title of its metadata, and the user that it is stored under", async () => {
  for (const one of [server, resolving]) {
    const { conversations } = await ask(one, LIST, { orderBy: OLDEST }, project);
    expect(conversations.nodes).toEqual([
      { id: "a", title: 'A "title"', user: "ann" },
      { id: "b", title: "", user: "ann" },
      { id: "c", title: null, user: "bob" },
      { id: "d", title: null, user: null },
    ]);
  }
});

test.each([
  ["its user", { user: "ann" }, "ab", "ab"],
  ["another user", { user: "bob" }, "c", ""],
  ["a user in another case", { user: "Ann" }, "", ""],
  ["nobody that is known", { user: "é" }, "", ""],
  ["its user and an agent", { user: "ann", agentName: "desk" }, "a", "a"],
  ["its user and words", { user: "ann", search: "words" }, "a", "a"],
  ["another user and words that another says", { user: "bob", search: "words" }, "", ""],
  ["another user and a date", { user: "bob", createdFrom: "2000-01-01T00:00:00Z" }, "c", ""],
  ["null", { user: null }, "abcd", "ab"],
])("a filter by %s lets through for a backend, and for ann", async (_what, filter, forProject, forUser) => {
  for (const one of [server, resolving]) {
    for (const orderBy of [OLDEST, UPDATED]) {
      for (const [headers, expected] of [
        [project, forProject],
        [user, forUser],
      ] as const) {
        const { conversations } = await ask(one, LIST, { filter, orderBy }, headers);
        const ids = conversations.nodes.map(({ id }: { id: string }) => id);
        expect([ids.join(""), conversations.totalCount]).toEqual([expected, expected.length]);
      }
    }
  }
});

test.each(["", "a\nb", "x".repeat(257)])("a user that no key can name is BAD_USER_INPUT: %j", async (name) => {
  const { errors } = await post(server, LIST, { filter: { user: name } }, project);
  expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument: "filter.user" } }]);
});

test("a turn is found by its id, and by no other", async () => {
  const query = 'query ($id: ID!) { turn(id: $id) { id position conversation { id } } other: turn(id: "a") { id } }';
  for (const one of [server, resolving]) {
    const turnOfA = { id: "t1", position: 1, conversation: { id: "a" } };
    expect(await ask(one, query, { id: "t1" }, project)).toEqual({ turn: turnOfA, other: null });
    for (const id of ["b", "", "x".repeat(1e4)]) {
      expect(await ask(one, query, { id }, project)).toEqual({ turn: null, other: null });
    }
  }
});
