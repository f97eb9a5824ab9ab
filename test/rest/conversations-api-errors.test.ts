import { afterAll, beforeAll, describe, expect, test } from "vitest";

import {
  addItems,
  assistant,
  callApi,
  createWith,
  functionCall,
  functionOutput,
  user,
} from "../harness/conversations-api.ts";
import { ask } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { noConversation, noItem, REFUSED } from "./conversations-api-refused.ts";

let server: TestServer;
let id: string;
beforeAll(async () => {
  server = await startTestServer();
  id = await createWith(server, [{ ...user("hi"), id: "msg_first" }]);
});
afterAll(() => server.close());

describe("a call that is refused stores nothing, and says why in the words of the documented service", () => {
  test.each(REFUSED)("POST %s %j", async (path, body, code, param, message) => {
    const before = await callApi(server, "GET", `/${id}/items`);
    const { status, body: answer } = await callApi(server, "POST", path.replace(":id", id), body);
    const words = typeof message === "string" ? message.replace("PARAM", param ?? "") : expect.stringMatching(message);
    expect([status, answer]).toEqual([400, { error: { message: words, type: "invalid_request_error", param, code } }]);
    expect((await callApi(server, "GET", `/${id}/items`)).text).toBe(before.text);
  });

  const NOWHERE = ["conv_none", "msg_first", "a%00b", "%FF", "x".repeat(200)];
  test.each(NOWHERE)("404 for the conversation %s, whatever is called", async (none) => {
    const name = none === "%FF" ? none : decodeURIComponent(none);
    const calls = [
      callApi(server, "GET", `/${none}`),
      callApi(server, "POST", `/${none}`, { metadata: {} }),
      callApi(server, "DELETE", `/${none}`),
      callApi(server, "GET", `/${none}/items`),
      callApi(server, "GET", `/${none}/items?after=msg_first`),
      callApi(server, "POST", `/${none}/items`, { items: [user("x")] }),
      callApi(server, "POST", `/${none}/items`, { items: [] }),
      callApi(server, "GET", `/${none}/items/msg_first`),
      callApi(server, "DELETE", `/${none}/items/msg_first`),
    ];
    for (const { status, body } of await Promise.all(calls)) {
      const message = noConversation(name);
      expect([status, body.error]).toEqual([404, { message, type: "invalid_request_error", param: null, code: null }]);
    }
  });

  test.each(["msg_none", id, "msg_t1_0123456789abcdef_0", "msg_t99999999999_0123456789abcdef_0", "a%00b", "ü"])(
    "404 for the item %s",
    async (item) => {
      const name = decodeURIComponent(`${item}`);
      const error = (param: string | null) => ({
        message: noItem(name),
        type: "invalid_request_error",
        param,
        code: null,
      });
      for (const method of ["GET", "DELETE"] as const) {
        const { status, body } = await callApi(server, method, `/${id}/items/${item}`);
        expect([status, body.error]).toEqual([404, error(null)]);
      }
      for (const param of ["after", "before"]) {
        const { status, body } = await callApi(server, "GET", `/${id}/items?${param}=${item}`);
        expect([status, body.error]).toEqual([404, error(param)]);
      }
    },
  );
});

test.each([
  ["limit=0", "integer_below_min_value", "limit"],
  ["limit=101", "integer_above_max_value", "limit"],
  ["order=up", "invalid_value", "order"],
  ["limit=1&limit=1", "duplicate_parameter", "limit"],
  ["include=all", "invalid_type", "include"],
  ["include=message.output_text.logprobs,web_search_call.results", "invalid_type", "include"],
  ["include[]=x", "invalid_type", "include"],
])("GET items?%s", async (query, code, param) => {
  const { status, body } = await callApi(server, "GET", `/${id}/items?${query}`);
  expect([status, body.error]).toMatchObject([400, { code, param }]);
});

test("known values of include change nothing, repeated or with brackets", async () => {
  const plain = await callApi(server, "GET", `/${id}/items`);
  const query =
    "include=message.output_text.logprobs&include=reasoning.encrypted_content&include[]=web_search_call.results";
  expect((await callApi(server, "GET", `/${id}/items?${query}`)).text).toBe(plain.text);
  expect((await callApi(server, "POST", `/${id}/items?include=all`, { items: [] })).status).toBe(400);
  expect((await callApi(server, "GET", `/${id}/items/msg_first?include=all`)).status).toBe(400);
});

test("a body over MAX_ITEMS_BODY_BYTES is 413, over MAX_ITEMS items 400, and one that is not JSON 415", async () => {
  const small = await startTestServer({ MAX_ITEMS: "2", MAX_ITEMS_BODY_BYTES: "300" });
  const own = await createWith(small);
  const three = await callApi(small, "POST", `/${own}/items`, { items: [user("a"), assistant("b"), user("c")] });
  expect([three.status, three.body.error.message]).toEqual([
    400,
    expect.stringContaining("maximum length 2, but got an array with length 3"),
  ]);
  const large = await callApi(small, "POST", `/${own}/items`, { items: [user("x".repeat(300))] });
  expect([large.status, large.body.error]).toMatchObject([413, { type: "invalid_request_error", code: null }]);
  const form = await callApi(small, "POST", "", "{}", { "content-type": "text/plain" });
  expect(form.status).toBe(415);
  expect((await callApi(small, "GET", `/${own}/items`)).body.data).toEqual([]);
  await small.close();
});

test("a call may bring 1,000 items and 16 MiB: long turns, and an assistant's turn that ends where it has no room", {
  timeout: 60_000,
}, async () => {
  const own = await createWith(server);
  const words = "word ".repeat(1600);
  const items = Array.from({ length: 1000 }, (_, index) => (index < 500 ? user(words) : assistant(words)));
  expect(await addItems(server, own, items)).toHaveLength(1000);
  const query =
    "query ($id: ID!) { conversation(id: $id) { turns(last: 3) { totalCount nodes { role messages { __typename } } } } }";
  const { turns } = (await ask(server, query, { id: own })).conversation;
  // 500 texts of 8,000 characters are twice as much as a turn may have.
  expect(turns.totalCount).toBe(502);
  expect(turns.nodes.map(({ role }: { role: string }) => role)).toEqual(["USER", "ASSISTANT", "ASSISTANT"]);
  const counts = turns.nodes.map(({ messages }: { messages: object[] }) => messages.length);
  expect(counts[1] + counts[2]).toBe(500);
  await addItems(server, own, [assistant("last")]);
  expect((await ask(server, query, { id: own })).conversation.turns.totalCount).toBe(502);
});

test("an item may have as many bytes as a body: words that no turn can hold are kept in the item alone", async () => {
  const own = await createWith(server, [user("hi")]);
  const output = "é".repeat(1_500_000);
  await addItems(server, own, [functionCall("c", "f"), functionOutput("c", output), assistant("done")]);
  const { body } = await callApi(server, "GET", `/${own}/items?order=asc`);
  expect(body.data[2].output).toBe(output);
});
