import { afterAll, beforeAll, expect, test } from "vitest";

import { assistant, callApi, functionCall, type Method, user } from "../harness/conversations-api.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { type Checker, loadDocument, type OpenApiMethod } from "./openapi-document.ts";

const BASE = "/openai/v1/conversations";

let server: TestServer;
let checker: Checker;
beforeAll(async () => {
  server = await startTestServer();
  checker = await loadDocument(server.origin);
});
afterAll(() => server.close());

/** The answer to a call at a documented path, held against the document; ids take the places of names in braces. */
async function checked(method: Method, path: string, ids: readonly string[] = [], body?: unknown, query = "") {
  const filled = ids.reduce((text, id) => text.replace(/\{\w+\}/, id), path);
  const { status, headers, text, body: answer } = await callApi(server, method, `${filled}${query}`, body);
  // Safe cast: the document spells methods so.
  const spelled = method.toLowerCase() as OpenApiMethod;
  const fault = checker.faultOf(BASE + path, { status, headers: Object.fromEntries(headers), text }, spelled);
  expect([method, path, status, fault]).toEqual([method, path, status, null]);
  return { status, body: answer };
}

const CONVERSATION = "/{conversation}";
const ITEMS = "/{conversation}/items";
const ITEM = "/{conversation}/items/{item}";

test("every operation answers what the document says, when it succeeds and when it does not", async () => {
  const items = [user("hi"), assistant("yo"), functionCall("c", "f"), { type: "new", data: { deep: [1.5] } }];
  const created = await checked("POST", "", [], { metadata: { a: "b" }, items });
  const { id } = created.body;
  const listed = await checked("GET", ITEMS, [id], undefined, "?limit=2&include=message.output_text.logprobs");
  const empty = await checked("GET", ITEMS, [(await checked("POST", "")).body.id]);
  const [item] = listed.body.data;
  const succeeded = [
    created,
    listed,
    empty,
    await checked("GET", CONVERSATION, [id]),
    await checked("POST", CONVERSATION, [id], { metadata: {} }),
    await checked("POST", ITEMS, [id], { items }),
    await checked("GET", ITEM, [id, item.id]),
    await checked("DELETE", ITEM, [id, item.id]),
    await checked("DELETE", CONVERSATION, [id]),
  ];
  expect(succeeded.map(({ status }) => status)).toEqual(succeeded.map(() => 200));
  const failed = [
    await checked("POST", "", [], "{"),
    await checked("POST", CONVERSATION, [id], {}),
    await checked("GET", ITEMS, [id], undefined, "?limit=0"),
    await checked("GET", CONVERSATION, [id]),
    await checked("DELETE", CONVERSATION, [id]),
    await checked("GET", ITEMS, [id]),
    await checked("POST", ITEMS, [id], { items: [] }),
    await checked("GET", ITEM, [id, item.id]),
    await checked("DELETE", ITEM, [id, item.id]),
  ];
  expect(failed.map(({ status }) => status)).toEqual([400, 400, 400, 404, 404, 404, 404, 404, 404]);
});

test.each<[Method, string, unknown[]]>([
  [
    "POST",
    "",
    [
      {},
      { metadata: null, items: null },
      { items: [user("x")] },
      { metadata: { a: 1 } },
      { items: [1] },
      { items: {} },
    ],
  ],
  [
    "POST",
    CONVERSATION,
    [{ metadata: {} }, {}, { metadata: null }, { metadata: { a: 1 } }, { metadata: { a: "x".repeat(513) } }],
  ],
  ["POST", ITEMS, [{ items: [] }, { items: [user("x")] }, {}, { items: null }, { items: ["x"] }]],
])("the document allows the bodies that the server takes: %s %s", async (method, path, bodies) => {
  const { body } = await callApi(server, "POST", "");
  const taken = await Promise.all(
    bodies.map(async (given) => (await checked(method, path, [body.id], given)).status === 200),
  );
  expect(taken).toEqual(bodies.map((given) => checker.allowsBody(BASE + path, "post", given)));
});
