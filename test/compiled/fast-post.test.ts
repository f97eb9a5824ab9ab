import { request as send } from "node:http";

import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";

import { conversation, store, turn } from "../harness/conversations.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

// The common request takes a shorter way through the server. Whatever is unusual about a request, the answer is the one
// that the long way gives.

let quick: TestServer;
let long: TestServer;
beforeAll(async () => {
  quick = await startTestServer();
  long = await startTestServer({ COMPILE_DOCUMENTS: "0" }, quick.url);
  await store(quick.database, [conversation("c", { turns: [turn("t")] })]);
});
afterAll(async () => {
  await long.close();
  await quick.close();
});

interface Posted {
  headers?: Record<string, string>;
  /** Sent one after the other, without telling their length before when they are several. */
  body: readonly (string | Buffer)[];
}

/** The answer of the server: status, the headers about the body, and the body without the request's id. */
function post({ origin }: TestServer, { headers = {}, body }: Posted): Promise<unknown> {
  const bytes = body.map((part) => Buffer.from(part));
  const length = bytes.length === 1 ? { "content-length": String(bytes[0]?.length) } : {};
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const sent = send(`${origin}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...length, ...headers },
    agent: false,
  });
  sent.on("error", reject).on("response", async (response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const { "content-type": type, vary, allow } = response.headers;
    resolve({ status: response.statusCode, type, vary, allow, text: text.replaceAll(/"req_[0-9a-f]+"/g, '"req"') });
  });
  for (const part of bytes) sent.write(part);
  sent.end();
  return promise;
}

const QUERY =
  'query A($id: ID = "c") { node(id: $id) { id } } query B { conversations { nodes { id turns { nodes { id } } } } }';
const ASK = JSON.stringify({ query: QUERY, operationName: "B" });

test.each([
  undefined,
  "*/*",
  "application/json",
  "application/graphql-response+json",
  "APPLICATION/JSON",
  "application/json;q=0.1, application/graphql-response+json",
  "application/graphql-response+json, application/json;q=0.9",
  "application/graphql-response+json; charset=utf-8, */*",
  "application/json; charset=latin1",
  "text/event-stream",
  "text/event-stream, application/json",
  "multipart/mixed, application/json",
  "text/html",
  "*/json",
  "",
  ",",
])("accepting %s", async (accept) => {
  const posted = { headers: accept === undefined ? {} : { accept }, body: [ASK] };
  expect(await post(quick, posted)).toEqual(await post(long, posted));
});

test.each<[string, Posted]>([
  ["a body in pieces", { body: [ASK.slice(0, 10), ASK.slice(10)] }],
  ["a body that is empty", { body: [""] }],
  ["no JSON", { body: ["{"] }],
  ["an array", { body: [`[${ASK}]`] }],
  ["a byte order mark", { body: [`\ufeff${ASK}`] }],
  ["bytes that are no UTF-8", { body: [Buffer.from([0x7b, 0xff, 0x7d])] }],
  ["a coding of its own", { headers: { "content-encoding": "gzip" }, body: [ASK] }],
  ["no query", { body: ["{}"] }],
  ["a query of another type", { body: ['{"query":1}'] }],
  ["an unknown parameter", { body: [JSON.stringify({ query: QUERY, operationName: "B", more: 1 })] }],
  ["extensions", { body: [JSON.stringify({ query: QUERY, operationName: "B", extensions: { a: 1 } })] }],
  ["extensions of another type", { body: [JSON.stringify({ query: QUERY, operationName: "B", extensions: 1 })] }],
  ["an operation that is not there", { body: [JSON.stringify({ query: QUERY, operationName: "C" })] }],
  ["no operation named of two", { body: [JSON.stringify({ query: QUERY })] }],
  ["an operation of no name", { body: [JSON.stringify({ query: QUERY, operationName: null })] }],
  ["variables that are null", { body: [JSON.stringify({ query: QUERY, operationName: "A", variables: null })] }],
  ["variables of another type", { body: [JSON.stringify({ query: QUERY, operationName: "A", variables: 1 })] }],
  [
    "a variable of another type",
    { body: [JSON.stringify({ query: QUERY, operationName: "A", variables: { id: [] } })] },
  ],
  [
    "a variable too many",
    { body: [JSON.stringify({ query: QUERY, operationName: "A", variables: { id: "t", x: 1 } })] },
  ],
  ["a fault in the syntax", { body: [JSON.stringify({ query: "{" })] }],
  ["an unknown field", { body: [JSON.stringify({ query: "{ nothing }" })] }],
  ["an argument out of range", { body: [JSON.stringify({ query: "{ conversations(first: 0) { totalCount } }" })] }],
  [
    "a mutation",
    {
      body: [
        JSON.stringify({ query: 'mutation { deleteConversation(input: { id: "no" }) { deletedConversationId } }' }),
      ],
    },
  ],
  ["introspection", { body: [JSON.stringify({ query: "{ __schema { queryType { name } } }" })] }],
])("%s", async (_name, posted) => {
  expect(await post(quick, posted)).toEqual(await post(long, posted));
});

test("what the database failed with is the answer: it is not asked again", async () => {
  const posted = { body: [JSON.stringify({ query: "{ conversations { nodes { id agent { name } } } }" })] };
  expect(await post(quick, posted)).toMatchObject({ status: 200 });
  await quick.database.rows(sql`ALTER TABLE conversations RENAME COLUMN agent_name TO hidden`);
  const asked = await quick.countStatements(async () => {
    expect(await post(quick, posted)).toMatchObject({ status: 500 });
  });
  await quick.database.rows(sql`ALTER TABLE conversations RENAME COLUMN hidden TO agent_name`);
  expect(asked).toBe(1);
});
