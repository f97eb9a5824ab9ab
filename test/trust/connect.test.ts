import { connect } from "node:net";

import { afterAll, beforeAll, expect, test } from "vitest";

import { startTestServer, type TestServer } from "../harness/server.ts";
import { exchangeBytes } from "./exchange-bytes.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const REQUEST = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";
const CONNECT = "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n";

test.each([0, 1, 3])("CONNECT is answered behind %i requests of its connection, and ends it", async (before) => {
  const answers = await exchangeBytes(server, `${REQUEST.repeat(before)}${CONNECT}what the tunnel was to carry`);
  const last = answers.pop();
  expect(answers.map(({ body }) => body)).toEqual(Array(before).fill('{"status":"live"}'));
  expect(last?.status).toBe(405);
  expect(last?.headers).toMatchObject({
    "content-type": "application/problem+json; charset=utf-8",
    allow: "get, head, post",
    connection: "close",
  });
  expect(last?.headers["x-request-id"]).toMatch(/^req_/);
  expect(JSON.parse(last?.body ?? "")).toEqual({
    type: "about:blank",
    title: "Method Not Allowed",
    status: 405,
    detail: "This server is no proxy: the method CONNECT is not allowed.",
  });
});

test("a caller that sends CONNECT and leaves is forgotten", async () => {
  const { hostname, port } = new URL(server.origin);
  for (let count = 0; count < 20; count += 1) {
    const socket = connect(Number(port), hostname).on("error", () => {});
    await new Promise((resolve) => socket.write(CONNECT, resolve));
    socket.resetAndDestroy();
  }
  expect((await fetch(`${server.origin}/health/live`)).status).toBe(200);
});
