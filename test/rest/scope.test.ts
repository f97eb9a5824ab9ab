import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { conversation, store } from "../harness/conversations.ts";
import { exchangeBytes, utf8 } from "../harness/raw-request.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { getEverywhere, SURFACES } from "../harness/surfaces.ts";

let server: TestServer;

const KEY = "x-ms-user-isolation-key";
const IDENTITY = "x-ms-user-identity";
const LONGEST = "é".repeat(128);
const OWNERS = {
  c1: "alice",
  c2: "alice",
  c3: "bob",
  c4: null,
  c5: "größe 🙂",
  c6: "alice, bob",
  c7: LONGEST,
};

beforeAll(async () => {
  server = await startTestServer();
  const agent = { name: "a", version: null };
  const records = Object.entries(OWNERS).map(([id, isolationKey]) => conversation(id, { isolationKey, agent }));
  await store(server.database, records);
  await store(server.database, [conversation("foreign", { isolationKey: "alice", agent })], "other");
});

afterAll(() => server.close());

describe("what the isolation headers let through, on every surface", () => {
  test.each([
    ["neither: the whole project, and no other", [], ["c7", "c6", "c5", "c4", "c3", "c2", "c1"]],
    ["the documented one", [`${KEY}: alice`], ["c2", "c1"]],
    ["its newer name", [`${IDENTITY}: alice`], ["c2", "c1"]],
    ["both, the same", [`${KEY}: bob`, `${IDENTITY}: bob`], ["c3"]],
    ["in capitals", ["X-MS-USER-ISOLATION-KEY: alice"], ["c2", "c1"]],
    ["spaces around it are not part of it", [`${KEY}:   alice  `], ["c2", "c1"]],
    ["another case is another user", [`${KEY}: Alice`], []],
    ["a user without conversations", [`${KEY}: carol`], []],
    ["no pattern and no list", [`${KEY}: %`], []],
    ["a comma is a part of it", [`${KEY}: alice, bob`], ["c6"]],
    ["UTF-8", [`${KEY}: ${utf8("größe 🙂")}`], ["c5"]],
    ["256 bytes", [`${KEY}: ${utf8(LONGEST)}`], ["c7"]],
  ] satisfies [string, string[], string[]][])("%s", async (_case, lines, ids) => {
    for (const { surface, answer } of await getEverywhere(server.origin, lines)) {
      expect([surface.name, answer.status]).toEqual([surface.name, 200]);
      expect([surface.name, ...surface.ids(answer.text)]).toEqual([surface.name, ...ids]);
    }
  });
});

describe("isolation headers that are refused, on every surface", () => {
  test.each([
    ["empty", [`${KEY}: `], KEY, "must not be empty"],
    ["blank", [`${KEY}:    `], KEY, "must not be empty"],
    ["the newer one empty", [`${KEY}: alice`, `${IDENTITY}: `], IDENTITY, "must not be empty"],
    ["repeated", [`${KEY}: alice`, `${KEY}: alice`], KEY, "may be given only once"],
    ["repeated, different", [`${IDENTITY}: alice`, `${IDENTITY}: bob`], IDENTITY, "may be given only once"],
    [
      "both, different",
      [`${KEY}: alice`, `${IDENTITY}: bob`],
      IDENTITY,
      `must be the same as ${KEY} where both are given`,
    ],
    ["257 bytes", [`${KEY}: ${"x".repeat(257)}`], KEY, "must not be longer than 256 bytes"],
    ["257 bytes in fewer characters", [`${KEY}: ${utf8(`${LONGEST}x`)}`], KEY, "must not be longer than 256 bytes"],
    ["a tab", [`${KEY}: al\tice`], KEY, "must not hold control characters"],
    ["a control character beyond ASCII", [`${KEY}: ${utf8("al\u0085ice")}`], KEY, "must not hold control characters"],
    ["the same as a single byte", [`${KEY}: al\u0085ice`], KEY, "must be UTF-8"],
  ] satisfies [string, string[], string, string][])("%s", async (_case, lines, name, rule) => {
    for (const { surface, answer } of await getEverywhere(server.origin, lines)) {
      expect([surface.name, answer.status]).toEqual([surface.name, 400]);
      expect(surface.error(answer.text)).toEqual({ message: `The header ${name} ${rule}.`, argument: name });
      expect(answer.headers["x-request-id"]).toMatch(/^req_/);
    }
  });

  // Node's own parser stops at most control characters, before it is known for which surface the request was.
  test.each(["\0", "\x01", "\x1b", "\x7f", "\r"])("the control character %j", async (character) => {
    for (const { path } of SURFACES) {
      const lines = [`GET ${path} HTTP/1.1`, "Host: localhost", `${KEY}: al${character}ice`, "Connection: close"];
      const answer = await exchangeBytes(server.origin, `${lines.join("\r\n")}\r\n\r\n`);
      expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
      expect(answer).not.toContain('"c1"');
      expect(answer).toMatch(/\r\nx-request-id: req_[0-9a-f]{32}\r\n/);
    }
  });
});

describe("while no key exists, only loopback hosts are served", () => {
  test.each(["localhost", "LocalHost:4000", "127.0.0.1", "127.1.2.3:80", "[::1]", "[::1]:4000"])("%s", async (host) => {
    for (const { surface, answer } of await getEverywhere(server.origin, [`host: ${host}`])) {
      expect([surface.name, answer.status]).toEqual([surface.name, 200]);
    }
  });

  test.each([
    "",
    "example.com",
    "localhost.example.com",
    "127.0.0.1.example.com",
    "example.com:localhost",
    "localhost@example.com",
    "localhost:80:80",
    "localhost/",
    "0.0.0.0",
    "10.0.0.1",
    "[::2]",
    "::1",
    "a b",
    "xn--localhost",
  ])("not %j", async (host) => {
    for (const { surface, answer } of await getEverywhere(server.origin, [`host: ${host}`])) {
      expect([surface.name, answer.status]).toEqual([surface.name, 403]);
      const message = "Without keys this server answers only under a loopback host, such as localhost.";
      expect(surface.error(answer.text)).toEqual({ message, argument: null });
      expect(answer.headers["x-request-id"]).toMatch(/^req_/);
    }
  });

  test("nor a request without any", async () => {
    for (const { path } of SURFACES) {
      expect(await exchangeBytes(server.origin, `GET ${path} HTTP/1.0\r\n\r\n`)).toMatch(/^HTTP\/1\.1 403 /);
    }
  });
});

test("each surface refuses in its own envelope", async () => {
  const [graphql, foundry, fixie] = await getEverywhere(server.origin, [`${KEY}: `]);
  const requestId = graphql?.answer.headers["x-request-id"];
  const message = `The header ${KEY} must not be empty.`;
  expect(JSON.parse(graphql?.answer.text ?? "")).toEqual({
    errors: [{ message, extensions: { code: "BAD_USER_INPUT", argument: KEY, requestId } }],
  });
  expect(JSON.parse(foundry?.answer.text ?? "")).toEqual({
    error: { message, type: "invalid_request_error", param: KEY, code: "invalid_value" },
  });
  expect(fixie?.answer.headers["content-type"]).toBe("application/problem+json; charset=utf-8");
});
