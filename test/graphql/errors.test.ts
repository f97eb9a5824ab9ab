import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { json, MEDIA_TYPES, STRICT, send } from "../harness/send.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

describe("before execution: a status of 4XX under application/graphql-response+json", () => {
  const sized = "query ($first: Int) { conversations(first: $first) { totalCount } }";
  const filtered = "query ($filter: ConversationFilter) { conversations(filter: $filter) { totalCount } }";
  test.each([
    ["no query", {}, "BAD_REQUEST", "query"],
    ["nothing in the query", { query: "" }, "GRAPHQL_PARSE_FAILED", "Syntax Error"],
    ["a syntax error", { query: "{ node(id: 1) { id }" }, "GRAPHQL_PARSE_FAILED", "Syntax Error"],
    [
      "half a surrogate pair in the document",
      { query: '{ node(id: "\\ud800") { id } }' },
      "GRAPHQL_PARSE_FAILED",
      "Unicode",
    ],
    ["an unknown field", { query: "{ nothing }" }, "GRAPHQL_VALIDATION_FAILED", "nothing"],
    [
      "an unknown argument",
      { query: "{ conversations(page: 1) { totalCount } }" },
      "GRAPHQL_VALIDATION_FAILED",
      "page",
    ],
    [
      "a literal of the wrong type",
      { query: '{ conversations(first: "1") { totalCount } }' },
      "GRAPHQL_VALIDATION_FAILED",
      "Int",
    ],
    [
      "a size beyond 32 bits",
      { query: "{ conversations(first: 2147483648) { totalCount } }" },
      "GRAPHQL_VALIDATION_FAILED",
      "32-bit",
    ],
    [
      "a literal that is no instant",
      { query: '{ conversations(filter: { createdFrom: "today" }) { totalCount } }' },
      "GRAPHQL_VALIDATION_FAILED",
      "RFC 3339",
    ],
    ["a variable that is missing", { query: "query ($id: ID!) { node(id: $id) { id } }" }, "BAD_USER_INPUT", "$id"],
    ["a variable of the wrong type", { query: sized, variables: { first: "1" } }, "BAD_USER_INPUT", "$first"],
    ["a variable beyond 32 bits", { query: sized, variables: { first: 2 ** 31 } }, "BAD_USER_INPUT", "$first"],
    ["a variable with a fraction", { query: sized, variables: { first: 1.5 } }, "BAD_USER_INPUT", "$first"],
    [
      "a variable that is no instant",
      { query: filtered, variables: { filter: { createdFrom: "2024-02-30T00:00:00Z" } } },
      "BAD_USER_INPUT",
      "filter.createdFrom",
    ],
    [
      "an instant as a number",
      { query: filtered, variables: { filter: { updatedBefore: 0 } } },
      "BAD_USER_INPUT",
      "filter.updatedBefore",
    ],
    ["an unknown condition", { query: filtered, variables: { filter: { agent: "x" } } }, "BAD_USER_INPUT", "agent"],
    [
      "two operations and no name",
      { query: "query a { __typename } query b { __typename }" },
      "OPERATION_RESOLUTION_FAILURE",
      "operation",
    ],
  ])("%s", async (_name, request, code, words) => {
    for (const accept of MEDIA_TYPES) {
      const { status, headers, body } = await send(server, accept, "", json(request));
      expect(headers.get("content-type")).toBe(`${accept}; charset=utf-8`);
      expect(body).not.toHaveProperty("data");
      expect(body.errors).toHaveLength(1);
      expect(body.errors?.[0]).toMatchObject({ message: expect.stringContaining(words), extensions: { code } });
      if (accept === STRICT) expect(status).toBe(400);
    }
  });

  test.each([
    '{ conversations(filter: { createdFrom: "today" }) { totalCount } }',
    "{ conversations(filter: { createdFrom: 2024 }) { totalCount } }",
    "query ($f: ConversationFilter = { createdFrom: {} }) { conversations(filter: $f) { totalCount } }",
  ])("a bad instant in a document is pointed at: %s", async (query) => {
    const { body } = await send(server, STRICT, "", json({ query }));
    const column = query.search(/"today"|2024|\{\} \}/) + 1;
    expect(body.errors?.map((error) => "locations" in error && error.locations)).toEqual([[{ line: 1, column }]]);
  });
});

test.each(MEDIA_TYPES)(
  "an argument that breaks its rule is an error of its field, with status 200: %s",
  async (accept) => {
    const { status, body } = await send(
      server,
      accept,
      "",
      json({ query: '{ conversation(id: "c") { id } list: conversations(first: 0) { nodes { id } } }' }),
    );
    expect([status, body.data]).toEqual([200, null]);
    expect(body.errors).toHaveLength(1);
    expect(body.errors?.[0]).toMatchObject({
      path: ["list"],
      extensions: { code: "BAD_USER_INPUT", argument: "first" },
    });
  },
);
