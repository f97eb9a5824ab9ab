import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { conversation, remove, store, turn } from "../harness/conversations.ts";
import { type FoundryBody, getFoundry, getJson } from "../harness/get-list.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

let server: TestServer;

const ALICE = { "x-ms-user-isolation-key": "alice" };

beforeAll(async () => {
  server = await startTestServer();
  await store(server.database, [
    conversation("conv_mine", { isolationKey: "alice", turns: [turn("turn_mine"), turn("imported turn")] }),
    conversation("conv_hers", { isolationKey: "bob", turns: [turn("turn_hers")] }),
    conversation("conv_deleted", { isolationKey: "alice" }),
  ]);
  await store(server.database, [conversation("conv_foreign")], "other");
  await remove(server.database, "conv_deleted");
});

afterAll(() => server.close());

const NOT_AN_INTEGER = "Invalid type for 'limit': expected an integer, but got a string instead.";

function aboveMaximum(limit: string): string {
  return `Invalid 'limit': integer above maximum value. Expected a value <= 100, but got ${limit} instead.`;
}

function belowMinimum(limit: string): string {
  return `Invalid 'limit': integer below minimum value. Expected a value >= 1, but got ${limit} instead.`;
}

function badOrder(order: string): string {
  return `Invalid value: '${order}'. Supported values are: 'asc' and 'desc'.`;
}

describe("parameters that break their rules: status, code, param and message", () => {
  test.each([
    ["limit=1000", "integer_above_max_value", "limit", aboveMaximum("1000")],
    ["limit=101", "integer_above_max_value", "limit", aboveMaximum("101")],
    ["limit=99999999999999999999", "integer_above_max_value", "limit", aboveMaximum("99999999999999999999")],
    ["limit=0", "integer_below_min_value", "limit", belowMinimum("0")],
    ["limit=-5", "integer_below_min_value", "limit", belowMinimum("-5")],
    ["limit=abc", "invalid_type", "limit", NOT_AN_INTEGER],
    ["limit=1.5", "invalid_type", "limit", NOT_AN_INTEGER],
    ["limit=1.0", "invalid_type", "limit", NOT_AN_INTEGER],
    ["limit=1e2", "invalid_type", "limit", NOT_AN_INTEGER],
    ["limit=", "invalid_type", "limit", NOT_AN_INTEGER],
    ["limit", "invalid_type", "limit", NOT_AN_INTEGER],
    ["limit=%205", "invalid_type", "limit", NOT_AN_INTEGER],
    ["limit=5%20", "invalid_type", "limit", NOT_AN_INTEGER],
    ["limit=5%0A", "invalid_type", "limit", NOT_AN_INTEGER],
    ["limit=+5", "invalid_type", "limit", NOT_AN_INTEGER],
    ["limit=%2B5", "invalid_type", "limit", NOT_AN_INTEGER],
    ["limit=0x10", "invalid_type", "limit", NOT_AN_INTEGER],
    ["limit=%D9%A5", "invalid_type", "limit", NOT_AN_INTEGER],
    ["limit=5%00", "invalid_type", "limit", NOT_AN_INTEGER],
    ["limit=null", "invalid_type", "limit", NOT_AN_INTEGER],
    ["order=x", "invalid_value", "order", badOrder("x")],
    ["order=ASC", "invalid_value", "order", badOrder("ASC")],
    ["order=", "invalid_value", "order", badOrder("")],
    ["order=%20desc", "invalid_value", "order", badOrder(" desc")],
    ["limit=1&limit=1", "duplicate_parameter", "limit", expect.any(String)],
    ["order=asc&limit=1&order=desc", "duplicate_parameter", "order", expect.any(String)],
    ["after=a&after=a", "duplicate_parameter", "after", expect.any(String)],
    ["before=a&before=", "duplicate_parameter", "before", expect.any(String)],
    ["agent_name=a&agent_name=a", "duplicate_parameter", "agent_name", expect.any(String)],
    ["agent_id=a&agent%5Fid=a", "duplicate_parameter", "agent_id", expect.any(String)],
    ["agent_name=a%00", "invalid_value", "agent_name", expect.any(String)],
    ["agent_id=a:%00", "invalid_value", "agent_id", expect.any(String)],
  ])("%s", async (query, code, param, message) => {
    const { status, headers, text, body } = await getFoundry(server, query);
    expect([status, headers.get("content-type")]).toEqual([400, "application/json; charset=utf-8"]);
    expect(body).toEqual({ error: { message, type: "invalid_request_error", param, code } });
    expect(text).toBe(errorText(body.error));
  });
});

describe("a cursor that names no conversation which the caller can see: the same words in every case", () => {
  const cases = [
    ["unknown", "conv_unknown"],
    ["deleted", "conv_deleted"],
    ["of another project", "conv_foreign"],
    ["of another user", "conv_hers"],
    ["a turn's", "turn_mine"],
    ["an imported turn's", "imported turn"],
    ["empty", ""],
    ["NUL", "\0"],
    ["NUL after an id", "conv_mine\0"],
    ["another case", "CONV_MINE"],
    ["a space after an id", "conv_mine "],
    ["no ASCII", "größe 🙂"],
    ["too long", "x".repeat(900)],
    ["quotes", `'"<>\\`],
    ["a member of every object", "__proto__"],
  ];

  test.each(cases.flatMap(([name, id]) => ["after", "before"].map((param) => ({ name, id: id ?? "", param }))))(
    "$param: $name",
    async ({ id, param }) => {
      const { status, text } = await getFoundry(server, { [param]: id }, ALICE);
      expect(status).toBe(404);
      const message = `Conversation with id '${id}' not found.`;
      expect(text).toBe(errorText({ message, type: "invalid_request_error", param, code: null }));
    },
  );

  test("after is looked at first, and before is not needed for it", async () => {
    const { status, body } = await getFoundry(server, "after=gone&before=conv_mine", ALICE);
    expect([status, body.error.param]).toEqual([404, "after"]);
  });

  test("bytes that are no UTF-8", async () => {
    const { status, body } = await getFoundry(server, "after=%FF", ALICE);
    expect([status, body.error.code, body.error.param]).toEqual([404, null, "after"]);
  });
});

describe("URLs that name nothing, on the bases where Foundry's clients look", () => {
  test.each([
    ["GET", "/v1/x"],
    ["POST", "/v1/x"],
    ["DELETE", "/openai/v1/conversations/"],
    ["GET", "/openai/v1/conversations/conv_mine/turns"],
    ["GET", "/openai/v1/conversations/conv_mine/items/msg_1/content"],
    ["POST", "/api/projects/other/openai/v1/conversations"],
    ["GET", "/api/projects/default/agents/a/openai/v1/conversations"],
    ["GET", "/api/projects/default/agents/a/endpoint/protocols/openai/v1/conversations"],
    ["GET", "/api/projects/other/agents/a/endpoint/protocols/openai/conversations"],
    ["GET", "/openai/v2/conversations"],
    ["GET", "/OPENAI/v1/conversations"],
    ["GET", "/api/projects/other/openai/v1/conversations"],
    ["GET", "/api/projects/nowhere/openai/conversations"],
    ["GET", "/api/projects/%00/openai/v1/conversations"],
    ["GET", "/api/projects/%FF/openai/v1/conversations"],
    ["GET", "/api/projects//openai/v1/conversations"],
    ["PROPFIND", "/v1/x"],
  ])("%s %s", async (method, path) => {
    const { status, text, headers } = await getJson(`${server.origin}${path}?limit=1`, { method });
    expect([status, headers.get("allow")]).toEqual([404, null]);
    const message = `Invalid URL (${method} ${path})`;
    expect(text).toBe(errorText({ message, type: "invalid_request_error", param: null, code: null }));
  });
});

const ALLOWED = [
  ["", "GET, HEAD, POST"],
  ["/conv_mine", "GET, HEAD, POST, DELETE"],
  ["/conv_mine/items", "GET, HEAD, POST"],
  ["/conv_mine/items/msg_1", "GET, HEAD, DELETE"],
] as const;
const METHODS = ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"];

test.each(
  ALLOWED.flatMap(([path, allow]) =>
    METHODS.filter((method) => !allow.includes(method)).map((method) => ({ method, path, allow })),
  ),
)("$method is not allowed: /openai/v1/conversations$path", async ({ method, path, allow }) => {
  const url = `${server.origin}/openai/v1/conversations${path}`;
  const { status, headers, body } = await getJson<FoundryBody>(url, { method });
  expect([status, headers.get("allow")]).toEqual([405, allow]);
  expect(body.error).toEqual({ message: expect.any(String), type: "invalid_request_error", param: null, code: null });
});

test("every answer carries a request id of its own", async () => {
  const paths = ["", "?limit=0", "?after=x", "/x", "?limit=1&limit=1"].map((rest) => `/openai/v1/conversations${rest}`);
  const others = ["/", "/health/live", "/health/ready", "/graphql", "/api/v1/agents/a/conversations", "//", "/?a"];
  const ids = await Promise.all(
    [...paths, ...others].map(async (path) => {
      const response = await fetch(server.origin + path, { redirect: "manual" });
      await response.text();
      return response.headers.get("x-request-id");
    }),
  );
  for (const id of ids) expect(id).toMatch(/^req_[0-9a-f]{32}$/);
  expect(new Set(ids).size).toBe(ids.length);
});

function errorText({ message, type, param, code }: FoundryBody["error"]): string {
  return JSON.stringify({ error: { message, type, param, code } });
}
