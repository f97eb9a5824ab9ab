import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { ask, post } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { watch } from "../harness/watch.ts";
import { append, create, says } from "../harness/writes.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const call =
  '{"type":"function_call","call_id":"c1","name":"f","arguments":"{\\"n\\":1.50}","n":1.50,"2":0,"1":12345678901234567890}';
const POSTED = [
  '{"role":"system","content":"Be kind."}',
  '{"role":"user","content":"?"}',
  '{"type":"reasoning","summary":[]}',
  call,
  '{"type":"function_call_output","call_id":"c1","output":"1"}',
  '{"role":"developer","content":"Be brief."}',
  '{"role":"assistant","content":"!","status":"incomplete"}',
];

async function send(id: string, items: readonly string[], to = server): Promise<void> {
  const headers = { "content-type": "application/json" };
  const url = `${to.origin}/openai/v1/conversations/${id}/items`;
  const answer = await fetch(url, { method: "POST", headers, body: `{"items":[${items.join()}]}` });
  expect([answer.status, await answer.text()]).toEqual([200, expect.any(String)]);
}

/** A conversation with the items, and a turn of each role that was written otherwise. */
async function mixed(): Promise<string> {
  const id = await create(server);
  await send(id, POSTED);
  await append(server, { conversationId: id, turn: says("more?") });
  await append(server, {
    conversationId: id,
    turn: {
      role: "ASSISTANT",
      state: "IN_PROGRESS",
      messages: [{ functionCall: { name: "g", args: { a: 1 } } }, { text: { content: "so", state: "IN_PROGRESS" } }],
    },
  });
  return id;
}

const ITEMS = `query ($id: ID!, $first: Int, $last: Int, $after: String, $before: String, $type: String) {
  conversation(id: $id) { items(first: $first, last: $last, after: $after, before: $before, type: $type) {
    nodes { id type role status turn { position } }
    edges { cursor node { json } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  } }
}`;

async function read(id: string, variables: object = {}) {
  return (await ask(server, ITEMS, { id, ...variables })).conversation.items;
}

test("a conversation's items stand in their order, those of turns that were written otherwise among them", async () => {
  const { nodes, pageInfo } = await read(await mixed());
  expect(
    nodes.map(({ type, role, status, turn }: Record<string, { position: number }>) => [
      type,
      role,
      status,
      turn?.position,
    ]),
  ).toEqual([
    ["message", "system", "completed", undefined],
    ["message", "user", "completed", 1],
    ["reasoning", null, null, 2],
    ["function_call", null, "completed", 2],
    ["function_call_output", null, "completed", 2],
    ["message", "developer", "completed", undefined],
    ["message", "assistant", "incomplete", 2],
    ["message", "user", "completed", 3],
    ["function_call", null, "completed", 4],
    ["message", "assistant", "in_progress", 4],
  ]);
  expect(pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: false });
});

test("json has every digit and every key in its place", async () => {
  const id = await mixed();
  const body = JSON.stringify({ query: ITEMS, variables: { id, type: "function_call" } });
  const headers = { "content-type": "application/json" };
  const text = await (await fetch(`${server.origin}/graphql`, { method: "POST", headers, body })).text();
  expect(text).toContain('"name":"f","arguments":"{\\"n\\":1.50}","n":1.50,"2":0,"1":12345678901234567890}');
});

test.each([1, 2, 3, 100])("pages of %i show each item once, both ways", async (size) => {
  const id = await mixed();
  const ids = (await read(id)).nodes.map((node: { id: string }) => node.id);
  const forward: string[] = [];
  for (let after: string | null = null, more = true; more; ) {
    const { nodes, pageInfo } = await read(id, { first: size, after });
    forward.push(...nodes.map((node: { id: string }) => node.id));
    expect(pageInfo.hasPreviousPage).toBe(after !== null);
    [after, more] = [pageInfo.endCursor, pageInfo.hasNextPage];
  }
  expect(forward).toEqual(ids);
  const backward: string[] = [];
  for (let before: string | null = null, more = true; more; ) {
    const { nodes, pageInfo } = await read(id, { last: size, before });
    backward.unshift(...nodes.map((node: { id: string }) => node.id));
    [before, more] = [pageInfo.startCursor, pageInfo.hasPreviousPage];
  }
  expect(backward).toEqual(ids);
  const { nodes } = await read(id, { type: "message" });
  expect(nodes).toHaveLength(6);
});

describe.each([{}, { COMPILE_DOCUMENTS: "0" }])("with %j", (env) => {
  test("a turn has its items, and the turns of a page share what is read", async () => {
    const id = await mixed();
    const own = await startTestServer(env, server.url);
    try {
      const query =
        "query ($id: ID!) { conversation(id: $id) { turns { nodes { items { type id turn { position } } } } } }";
      const { nodes } = (await ask(own, query, { id })).conversation.turns;
      expect(
        nodes.map(({ items }: { items: { type: string; turn: object }[] }) =>
          items.map(({ type, turn }) => [type, turn]),
        ),
      ).toEqual([
        [["message", { position: 1 }]],
        ["reasoning", "function_call", "function_call_output", "message"].map((type) => [type, { position: 2 }]),
        [["message", { position: 3 }]],
        ["function_call", "message"].map((type) => [type, { position: 4 }]),
      ]);
      const listed = (await read(id)).nodes.filter(({ turn }: { turn: object | null }) => turn !== null);
      expect(nodes.flatMap(({ items }: { items: { id: string }[] }) => items.map((item) => item.id))).toEqual(
        listed.map((item: { id: string }) => item.id),
      );
    } finally {
      await own.close();
    }
  });
});

test.each([
  [{ first: 1, last: 1 }, "last"],
  [{ first: 0 }, "first"],
  [{ after: "WyJQT1NJVElPTiIsIkFTQyIsMV0" }, "after"],
  [{ before: "x" }, "before"],
  [{ type: "a\0" }, "type"],
])("%j is refused, and the argument named", async (variables, argument) => {
  const id = await create(server);
  const { errors } = await post(server, ITEMS, { id, ...variables });
  expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument } }]);
});

test("a watcher who asks for items alone sees them as they come", async () => {
  const id = await create(server);
  const query = `subscription ($conversationId: ID!) {
    turnChanged(conversationId: $conversationId) { turn { position items { type turn { position } } } }
  }`;
  const watching = await watch(server, { conversationId: id }, {}, query);
  await append(server, { conversationId: id, turn: says("?") });
  await send(id, [call]);
  const turns = await watching.take(2);
  watching.leave();
  expect(turns).toEqual([
    { position: 1, items: [{ type: "message", turn: { position: 1 } }] },
    { position: 2, items: [{ type: "function_call", turn: { position: 2 } }] },
  ]);
});

test("what a write answers has the turn's items, whatever else is asked for", async () => {
  const conversationId = await create(server);
  const messages = [{ text: { content: "a", state: "IN_PROGRESS" } }];
  const turn = { role: "ASSISTANT", state: "IN_PROGRESS", messages };
  const { id } = await append(server, { conversationId, turn });
  const query = "mutation ($input: UpdateTurnInput!) { updateTurn(input: $input) { turn { items { json } } } }";
  const { updateTurn } = await ask(server, query, { input: { id, appendText: "b" } });
  expect(updateTurn.turn.items).toMatchObject([{ json: { status: "in_progress", content: [{ text: "ab" }] } }]);
});
