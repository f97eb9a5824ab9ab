import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rawGet } from "../harness/raw-request.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { exchangeBytes } from "./exchange-bytes.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ METRICS: "1" });
  // Until the first look at the keys no host is refused.
  await fetch(`${server.origin}/openai/v1/conversations`);
});
afterAll(() => server.close());

const PROBLEM = "application/problem+json; charset=utf-8";

describe("what belongs to no dialect is answered with a problem document", () => {
  test.each([
    ["GET", "/x"],
    ["POST", "/x"],
    ["PROPFIND", "/x"],
    ["GET", "//"],
    ["GET", "/conversations"],
    ["GET", "/graphql/"],
    ["GET", "/api/v1/agents//conversations"],
    ["GET", "/api/v1/agents/a"],
    ["GET", "/openai.json"],
    ["GET", "/health"],
  ])("an unknown URL: %s %s", async (method, path) => {
    const response = await fetch(`${server.origin}${path}?limit=1`, { method });
    expect([response.status, response.headers.get("content-type"), response.headers.get("allow")]).toEqual([
      404,
      PROBLEM,
      null,
    ]);
    const detail = `Nothing is served at this URL (${method} ${path}).`;
    expect(await response.json()).toEqual({ type: "about:blank", title: "Not Found", status: 404, detail });
    expect(response.headers.get("x-request-id")).toMatch(/^req_/);
  });

  const PATHS = ["/health/live", "/health/ready", "/metrics", "/schema.graphql", "/openapi.json", "/docs", "/"];

  test.each(PATHS)("another method: %s", async (path) => {
    const response = await fetch(server.origin + path, { method: "DELETE" });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    expect(response.headers.get("content-type")).toBe(PROBLEM);
    const detail = "The method DELETE is not allowed here.";
    expect(await response.json()).toEqual({ type: "about:blank", title: "Method Not Allowed", status: 405, detail });
  });

  test.each(PATHS.slice(0, -1))("a host that is refused: %s", async (path) => {
    const { status, headers, text } = await rawGet(server.origin + path, ["host: rebound.example"]);
    expect([status, headers["content-type"]]).toEqual([403, PROBLEM]);
    expect(JSON.parse(text)).toEqual({
      type: "about:blank",
      title: "Forbidden",
      status: 403,
      detail: "Without keys this server answers only under a loopback host, such as localhost.",
    });
  });
});

test("what is no request has a problem document too, and ends the connection", async () => {
  const [answer, ...others] = await exchangeBytes(server, "NONSENSE\r\n\r\n");
  expect(others).toEqual([]);
  expect(answer?.status).toBe(400);
  expect(answer?.headers).toMatchObject({ "content-type": PROBLEM, connection: "close" });
  expect(answer?.headers["x-request-id"]).toMatch(/^req_/);
  const detail = "This is not a request that can be understood.";
  expect(JSON.parse(answer?.body ?? "")).toEqual({ type: "about:blank", title: "Bad Request", status: 400, detail });
});
