import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { getJson, type Problem } from "../harness/get-list.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(() => server.close());

const BAD_OFFSET = "The parameter 'offset' must be an integer from 0 to 2147483647.";
const BAD_LIMIT = "The parameter 'limit' must be an integer from 1 to 100.";

describe("parameters that break their rules are problem documents that name them", () => {
  test.each([
    ["offset=-1", "offset", BAD_OFFSET],
    ["offset=2147483648", "offset", BAD_OFFSET],
    ["offset=99999999999999999999", "offset", BAD_OFFSET],
    ["offset=1.5", "offset", BAD_OFFSET],
    ["offset=1e2", "offset", BAD_OFFSET],
    ["offset=abc", "offset", BAD_OFFSET],
    ["offset=", "offset", BAD_OFFSET],
    ["offset=%205", "offset", BAD_OFFSET],
    ["offset=+5", "offset", BAD_OFFSET],
    ["offset=5%00", "offset", BAD_OFFSET],
    ["limit=0", "limit", BAD_LIMIT],
    ["limit=-1", "limit", BAD_LIMIT],
    ["limit=101", "limit", BAD_LIMIT],
    ["limit=1.0", "limit", BAD_LIMIT],
    ["limit=1e1", "limit", BAD_LIMIT],
    ["limit=x", "limit", BAD_LIMIT],
    ["limit=", "limit", BAD_LIMIT],
    ["limit", "limit", BAD_LIMIT],
    ["limit=%D9%A5", "limit", BAD_LIMIT],
    ["limit=1&limit=1", "limit", "The parameter 'limit' may be given only once."],
    ["offset=1&limit=1&offset=2", "offset", "The parameter 'offset' may be given only once."],
    ["offset=0&offs%65t=0", "offset", "The parameter 'offset' may be given only once."],
  ])("%s", async (query, param, detail) => {
    await expectProblem(`/api/v1/agents/a/conversations?${query}`, {}, 400, { title: "Bad Request", detail, param });
  });

  test("an agent that no text can name", async () => {
    const detail = "The parameter 'agentId' must be Unicode text without NUL characters.";
    await expectProblem("/api/v1/agents/a%00/conversations", {}, 400, {
      title: "Bad Request",
      detail,
      param: "agentId",
    });
  });

  test("a header", async () => {
    const path = "/api/v1/agents/a/conversations";
    await expectProblem(path, { headers: { "x-ms-user-isolation-key": "" } }, 400, {
      title: "Bad Request",
      detail: "The header x-ms-user-isolation-key must not be empty.",
      param: "x-ms-user-isolation-key",
    });
  });
});

test.each(["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"])("%s is not allowed", async (method) => {
  const { headers } = await expectProblem("/api/v1/agents/a/conversations", { method }, 405, {
    title: "Method Not Allowed",
    detail: `The method ${method} is not allowed here.`,
  });
  expect(headers.get("allow")).toBe("GET, HEAD");
});

async function expectProblem(path: string, init: RequestInit, status: number, members: Partial<Problem>) {
  const answer = await getJson<Problem>(server.origin + path, init);
  expect([answer.status, answer.headers.get("content-type")]).toEqual([
    status,
    "application/problem+json; charset=utf-8",
  ]);
  expect(answer.headers.get("x-request-id")).toMatch(/^req_[0-9a-f]{32}$/);
  const { title, detail, param } = members;
  expect(answer.text).toBe(JSON.stringify({ type: "about:blank", title, status, detail, param }));
  return answer;
}
