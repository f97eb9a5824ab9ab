import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { conversation, store } from "../harness/conversations.ts";
import { ask } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { getEverywhere } from "../harness/surfaces.ts";
import { PATHS } from "./surface-paths.ts";

const APP = "https://app.example.com";
const EVIL = "https://evil.example.com";

let server: TestServer;
let sharing: TestServer;
beforeAll(async () => {
  [server, sharing] = await Promise.all([
    startTestServer(),
    startTestServer({ CORS_ORIGINS: `${APP}, http://localhost:3000` }),
  ]);
});
afterAll(() => Promise.all([server.close(), sharing.close()]));

describe("what any web page can make a browser send changes nothing", () => {
  const query = "mutation { createConversation(input: {}) { conversation { id } } }";
  const multipart = new FormData();
  multipart.set("operations", JSON.stringify({ query }));
  multipart.set("map", "{}");
  multipart.set("query", query);
  const form = new URLSearchParams({ query });

  test.each([
    ["a form", 415, { method: "POST", body: form }],
    ["a form with files", 415, { method: "POST", body: multipart }],
    ["plain text", 415, { method: "POST", headers: { "content-type": "text/plain" }, body: JSON.stringify({ query }) }],
    [
      "plain text that names JSON as well",
      415,
      { method: "POST", headers: { "content-type": "text/plain; application/json" }, body: JSON.stringify({ query }) },
    ],
    ["a document", 415, { method: "POST", headers: { "content-type": "application/graphql" }, body: query }],
    ["no type", 415, { method: "POST", headers: { "content-type": "" }, body: new Blob([JSON.stringify({ query })]) }],
    ["a link", 405, { method: "GET" }],
    ["a link for a page", 405, { method: "GET", headers: { accept: "text/html;q=0.1, application/json" } }],
  ] satisfies [string, number, RequestInit][])("%s", async (_what, status, init) => {
    const answer = await fetch(`${sharing.origin}/graphql?${form}`, {
      ...init,
      headers: { ...headersOf(init), accept: "*/*" },
    });
    expect(answer.status).toBe(status);
    const { conversations } = await ask(sharing, "{ conversations { totalCount } }");
    expect(conversations.totalCount).toBe(0);
  });

  const headersOf = (init: RequestInit) => Object.fromEntries(new Headers(init.headers));
});

describe("other origins", () => {
  const preflight = (origin: string): RequestInit => ({
    method: "OPTIONS",
    headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "content-type" },
  });
  const granted = ({ headers }: Response) => [...headers.keys()].filter((name) => name.startsWith("access-control-"));

  test.each(PATHS)("are allowed nothing without CORS_ORIGINS, unless they are this machine's: %s", async (path) => {
    for (const origin of [APP, EVIL, "null", "*"]) {
      const read = await fetch(server.origin + path, { headers: { origin } });
      expect([read.status, granted(read)]).toEqual([200, []]);
      const asked = await fetch(server.origin + path, preflight(origin));
      expect([asked.status, granted(asked)]).toEqual([405, []]);
    }
  });

  test.each(PATHS)("are allowed what they need when CORS_ORIGINS names them: %s", async (path) => {
    for (const origin of [APP, "http://localhost:3000"]) {
      const read = await fetch(sharing.origin + path, { headers: { origin } });
      expect([read.status, read.headers.get("access-control-allow-origin"), read.headers.get("vary")]).toEqual([
        200,
        origin,
        "origin",
      ]);
      const asked = await fetch(sharing.origin + path, preflight(origin));
      expect([asked.status, asked.headers.get("access-control-allow-origin")]).toEqual([204, origin]);
      expect(asked.headers.get("access-control-allow-headers")).toContain("content-type");
      for (const { headers } of [read, asked]) expect(headers.has("access-control-allow-credentials")).toBe(false);
    }
  });

  test.each(PATHS)("are allowed nothing when it names others: %s", async (path) => {
    for (const origin of [
      EVIL,
      `${APP}.evil.com`,
      `${APP}:444`,
      APP.toUpperCase(),
      APP.replace("https", "http"),
      "null",
      "",
    ]) {
      const read = await fetch(sharing.origin + path, { headers: { origin } });
      expect([origin, granted(read), read.headers.get("vary")]).toEqual([origin, [], "origin"]);
      expect(granted(await fetch(sharing.origin + path, preflight(origin)))).toEqual([]);
    }
  });

  test("an error can be read by those who may read the answer, and by no other", async () => {
    for (const [origin, allowed] of [
      [APP, APP],
      [EVIL, null],
    ] as const) {
      for (const path of [
        "/graphql?query=mutation{__typename}",
        "/openai/v1/conversations?limit=x",
        "/api/v1/agents/a/conversations?limit=x",
        "/x",
      ]) {
        const { status, headers } = await fetch(sharing.origin + path, { headers: { origin } });
        expect(status).toBeGreaterThanOrEqual(400);
        expect(headers.get("access-control-allow-origin")).toBe(allowed);
      }
    }
  });
});

test.each(["a b", "localhost:99999", "127.999.0.1", "[::1]:70000", "localhost:", "[", "localhost\\x"])(
  "the host %j is no fault of the server's",
  async (host) => {
    for (const { surface, answer } of await getEverywhere(server.origin, [`host: ${host}`])) {
      expect([surface.name, answer.status]).toEqual([surface.name, 403]);
      expect(answer.text).not.toMatch(/\bat .+:\d+/);
    }
  },
);

test("nodes gives null in the place of each bad id, and all the others", async () => {
  await store(server.database, [conversation("good")]);
  const ids = ["good", "", "\0", "bad", "x".repeat(10_000), "conv_", "good"];
  const { nodes } = await ask(server, "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", { ids });
  const good = { id: "good" };
  expect(nodes).toEqual([good, null, null, null, null, null, good]);
});
