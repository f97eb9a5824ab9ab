import { afterAll, beforeAll, expect, test } from "vitest";

import { callApi, createWith, user } from "../harness/conversations-api.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { append, create, says } from "../harness/writes.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const key = (value: string) => ({ "idempotency-key": value });
const CONFLICT = { type: "invalid_request_error", param: null, code: null };

test("the same call with a key answers what the first did, and is done once", async () => {
  const body = { metadata: { a: "b" }, items: [user("hi")] };
  const calls = await Promise.all([1, 2, 3].map(() => callApi(server, "POST", "", body, key("create"))));
  const [first] = calls;
  expect(calls.map(({ status, text }) => [status, text])).toEqual(calls.map(() => [200, first?.text]));
  const path = `/${first?.body.id}/items`;
  expect((await callApi(server, "GET", path)).body.data).toHaveLength(1);
  const items = { items: [user("again"), { type: "reasoning", summary: [] }] };
  const appended = await Promise.all([1, 2, 3].map(() => callApi(server, "POST", path, items, key("append"))));
  expect(new Set(appended.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
  expect(appended[0]?.body.data).toHaveLength(2);
  expect((await callApi(server, "GET", path)).body.data).toHaveLength(3);
});

test("the key of another call is 409, GraphQL's keys among them", async () => {
  const id = await createWith(server);
  const other = await createWith(server);
  await create(server, { idempotencyKey: "by GraphQL" });
  await append(server, { conversationId: id, turn: says("x"), idempotencyKey: "turn" });
  const items = (text: string) => ({ items: [user(text)] });
  expect((await callApi(server, "POST", `/${id}/items`, items("a"), key("k"))).status).toBe(200);
  for (const [path, body, used] of [
    [`/${id}/items`, items("b"), "k"],
    [`/${other}/items`, items("a"), "k"],
    ["", items("a"), "k"],
    ["", {}, "by GraphQL"],
    [`/${id}/items`, items("a"), "turn"],
  ] as const) {
    const { status, body: answer } = await callApi(server, "POST", path, body, key(used));
    expect([status, answer.error]).toEqual([409, { ...CONFLICT, message: expect.any(String) }]);
  }
  expect((await callApi(server, "GET", `/${id}/items`)).body.data).toHaveLength(2);
  expect((await callApi(server, "GET", `/${other}/items`)).body.data).toEqual([]);
});

test("a refused call leaves its key free; a key has 1 to 255 characters", async () => {
  const id = await createWith(server);
  const path = `/${id}/items`;
  expect(
    (await callApi(server, "POST", path, { items: [{ type: "item_reference", id: "msg_x" }] }, key("r"))).status,
  ).toBe(404);
  expect((await callApi(server, "POST", path, { items: [user("a")] }, key("r"))).status).toBe(200);
  for (const bad of ["", "x".repeat(256)]) {
    const { status, body } = await callApi(server, "POST", path, { items: [] }, key(bad));
    expect([status, body.error.param]).toEqual([400, "idempotency-key"]);
  }
});
