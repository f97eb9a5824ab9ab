import { sql } from "drizzle-orm";
import { getIntrospectionQuery } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { json, MEDIA_TYPES, STRICT, send } from "../harness/send.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { PATHS } from "./surface-paths.ts";

let closed: TestServer;
let open: TestServer;
beforeAll(async () => {
  [closed, open] = await Promise.all([
    startTestServer({ VIEWER: "0", GRAPHIQL: "0", INTROSPECTION: "0", MAX_BODY_BYTES: "10000" }),
    startTestServer(),
  ]);
});
afterAll(() => Promise.all([closed.close(), open.close()]));

describe("nothing is told of the schema", () => {
  test.each([
    ["all of it", getIntrospectionQuery()],
    ["its types", "{ __schema { types { name } } }"],
    ["one type", '{ __type(name: "Query") { name } }'],
    ["under another name", "{ a: __schema { queryType { name } } }"],
    ["in a fragment", '{ ...F } fragment F on Query { ... { __type(name: "Turn") { fields { name } } } }'],
  ])("%s", async (_what, query) => {
    expect(await send(open, STRICT, "", json({ query }))).toMatchObject({ status: 200 });
    for (const [path, init] of [["", json({ query })], [`?${new URLSearchParams({ query })}`]] as const) {
      const { status, body } = await send(closed, STRICT, path, init);
      expect(status).toBe(400);
      expect(body).not.toHaveProperty("data");
      expect(new Set(body.errors?.map(({ extensions }) => extensions.code))).toEqual(
        new Set(["GRAPHQL_VALIDATION_FAILED"]),
      );
    }
  });

  test("but the type of an object, which a client needs for its cache", async () => {
    expect(await send(closed, STRICT, "", json({ query: "{ __typename }" }))).toMatchObject({
      body: { data: { __typename: "Query" } },
    });
  });

  const filtered = "query ($filter: ConversationFilter) { conversations(filter: $filter) { totalCount } }";
  test.each([
    ["a field", { query: "{ conversation_s { totalCount } }" }, "conversations"],
    ["a field of a type", { query: "{ conversations { nodes { metadat } } }" }, "metadata"],
    ["a field of a union", { query: '{ node(id: "x") { ... on Turn { messages { content } } } }' }, "TextFragment"],
    ["an argument", { query: "{ conversations(frist: 1) { totalCount } }" }, "first"],
    ["an input field", { query: '{ conversations(filter: { agentNam: "a" }) { totalCount } }' }, "agentName"],
    ["an input field in variables", { query: filtered, variables: { filter: { agentNam: "a" } } }, "agentName"],
    ["a value of an enum", { query: "{ conversations(filter: { turnState: DON }) { totalCount } }" }, "DONE"],
    ["a value of an enum in variables", { query: filtered, variables: { filter: { turnState: "DON" } } }, "DONE"],
    ["a type", { query: "query ($a: TurnFilte) { __typename }" }, "TurnFilter"],
    ["a type of a fragment", { query: '{ node(id: "x") { ... on Conversatio { id } } }' }, "Conversation"],
    ["a mutation", { query: "mutation { appendTurns { turn { id } } }" }, "appendTurn"],
  ])("no name that %s is close to, whoever may explore the schema", async (_what, request, name) => {
    for (const accept of [...MEDIA_TYPES, "text/event-stream"]) {
      for (const server of [open, closed]) {
        const untold = await refusal(server, accept, request);
        expect(untold).toContain('"errors":[');
        expect(untold).not.toContain("Did you mean");
        expect(untold).not.toContain(`"${name}"`);
      }
    }
  });

  async function refusal({ origin }: TestServer, accept: string, request: object): Promise<string> {
    const headers = { "content-type": "application/json", accept };
    const response = await fetch(`${origin}/graphql`, { method: "POST", headers, body: JSON.stringify(request) });
    return (await response.text()).replaceAll('\\"', '"');
  }
});

describe("no answer tells what it comes from", () => {
  const INSIDES =
    /yoga|envelop|pothos|drizzle|postgres|node_modules|\.[jt]s\b|\bat .+:\d+|select |"?(stack|sqlstate)"?|\/(home|root|usr|src)\//i;

  async function expectNothingOf(url: string, init: RequestInit = {}): Promise<number> {
    const response = await fetch(url, init);
    const text = await response.text();
    expect(text).not.toMatch(INSIDES);
    for (const name of ["server", "x-powered-by", "via"]) expect(response.headers.has(name)).toBe(false);
    for (const value of response.headers.values()) expect(value).not.toMatch(INSIDES);
    return response.status;
  }

  test("where a browser asks for a page", async () => {
    for (const accept of ["text/html", "text/html,application/xhtml+xml,*/*;q=0.8", "*/*", "image/png"]) {
      for (const path of ["/graphql", "/graphql?query={__typename}", "/graphiql", "/playground", "/", "/favicon.ico"]) {
        const init: RequestInit = { headers: { accept }, redirect: "manual" };
        expect(await expectNothingOf(closed.origin + path, init)).toBeLessThan(500);
        const { headers } = await fetch(closed.origin + path, init);
        expect(headers.get("content-type") ?? "").not.toContain("html");
      }
    }
  });

  test.each([
    [400, "/graphql", { method: "POST", headers: { "content-type": "application/json" }, body: "{" }],
    [400, "/graphql?query={nothing}", { headers: { accept: STRICT } }],
    [400, "/openai/v1/conversations?limit=x", {}],
    [400, "/api/v1/agents/a/conversations?limit=x", {}],
    [404, "/openai/v1/conversations?after=x", {}],
    [404, "/graphql/x", {}],
    [404, "//", {}],
    [405, "/graphql", { method: "DELETE" }],
    [405, "/openai/v1/conversations", { method: "PUT" }],
    [413, "/graphql", { method: "POST", headers: { "content-type": "application/json" }, body: " ".repeat(10_001) }],
    [415, "/graphql", { method: "POST", headers: { "content-type": "text/plain" }, body: "{" }],
  ] satisfies [number, string, RequestInit][])("%i %s", async (status, path, init) => {
    expect(await expectNothingOf(closed.origin + path, init)).toBe(status);
  });

  test.each([
    [500, sql`ALTER TABLE conversations RENAME COLUMN created_at TO hidden`],
    [503, sql`DROP TABLE conversations CASCADE`],
  ])("%i when the database fails", async (status, statement) => {
    await closed.database.rows(statement);
    for (const path of PATHS.map((path) => path.replace("totalCount", "nodes%20%7B%20metadata%20%7D"))) {
      expect([path, await expectNothingOf(closed.origin + path)]).toEqual([path, status]);
    }
  });
});
