import { afterAll, beforeAll, expect, test } from "vitest";

import { conversation, store, turn } from "../harness/conversations.ts";
import { json, LEGACY, MEDIA_TYPES, STRICT, send } from "../harness/send.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

test("100 ids of nodes; more are refused before anything is executed", async () => {
  const nodes = (count: number) => ({
    query: "query ($ids: [ID!]!) { __typename nodes(ids: $ids) { id } }",
    variables: { ids: Array.from({ length: count }, (_, index) => `id ${index}`) },
  });
  expect(await send(server, STRICT, "", json(nodes(100)))).toMatchObject({ status: 200 });
  for (const accept of MEDIA_TYPES) {
    const { status, body } = await send(server, accept, "", json(nodes(101)));
    expect(body).not.toHaveProperty("data");
    expect({ status, body }).toMatchObject({ status: 400, body: { errors: [{ extensions: { argument: "ids" } }] } });
  }
});

test("a body of 1 MB, told or untold", async () => {
  const body = (bytes: number) => JSON.stringify({ query: "{ __typename }".padEnd(bytes - '{"query":""}'.length) });
  const init = { method: "POST", headers: { "content-type": LEGACY } };
  expect(await send(server, STRICT, "", { ...init, body: body(2 ** 20) })).toMatchObject({ status: 200 });
  const untold = { ...init, body: new Blob([body(2 ** 20 + 1)]).stream(), duplex: "half" as const };
  for (const request of [{ ...init, body: body(2 ** 20 + 1) }, untold]) {
    const answer = await send(server, STRICT, "", request);
    expect(answer).toMatchObject({ status: 413, body: { errors: [{ extensions: { code: "LIMIT_EXCEEDED" } }] } });
  }
});

test("objects with numbers as keys out of order, 10,000 keys; lists 2,000 deep", async () => {
  const init = { method: "POST", headers: { "content-type": LEGACY } };
  const keys = (count: number) => Array.from({ length: count }, (_, index) => `"${count - index}":0`).join();
  const body = (extensions: string) => `{"query":"{ __typename }","extensions":{${extensions}}}`;
  expect(await send(server, STRICT, "", { ...init, body: body(keys(10_000)) })).toMatchObject({ status: 200 });
  expect(await send(server, STRICT, "", { ...init, body: body(keys(10_001)) })).toMatchObject({
    status: 400,
    body: { errors: [{ message: "The body has more than 10000 keys in objects with numbers out of order." }] },
  });
  const deep = (depth: number) => body(`"a":${"[".repeat(depth)}${"]".repeat(depth)}`);
  expect(await send(server, STRICT, "", { ...init, body: deep(1_998) })).toMatchObject({ status: 200 });
  expect(await send(server, STRICT, "", { ...init, body: deep(400_000) })).toMatchObject({
    status: 400,
    body: { errors: [{ message: "The body nests too deep." }] },
  });
});

test("each limit is a setting, and none of them binds the lists' own documents", async () => {
  const small = await startTestServer({
    MAX_TOKENS: "8",
    MAX_ALIASES: "0",
    MAX_DEPTH: "1",
    MAX_DIRECTIVES: "0",
    MAX_NODES: "1",
    MAX_BODY_BYTES: "80",
  });
  const agent = { name: "a", version: null };
  const records = Array.from({ length: 101 }, (_, index) =>
    conversation(`c${index}`, { agent, turns: [turn(`t${index}`)] }),
  );
  await store(small.database, records);
  for (const [query, status] of [
    ["{ __typename }", 200],
    ["{ a: __typename }", 400],
    ["{ node(id: 1) { id } }", 400],
    ["{ __typename @skip(if: true) }", 400],
    ["{ nodes(ids: [1, 2]) { __typename } }", 400],
    ["{ __typename }".padEnd(80), 413],
  ] as const) {
    expect([query, await send(small, STRICT, "", json({ query }))]).toMatchObject([query, { status }]);
  }
  for (const [path, key] of [
    ["/openai/v1/conversations?limit=100&after=c99", "data"],
    ["/api/v1/agents/a/conversations", "conversations"],
  ] as const) {
    const response = await fetch(small.origin + path);
    const page: Record<string, unknown> = JSON.parse(await response.text());
    expect([path, response.status, page[key]]).toMatchObject([path, 200, { length: 100 }]);
  }
  await small.close();
});
