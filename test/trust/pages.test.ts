import { readFileSync } from "node:fs";
import { request } from "node:http";
import { buffer } from "node:stream/consumers";
import { brotliDecompressSync, gunzipSync } from "node:zlib";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createKey } from "../../src/store/keys/keys.ts";
import { rawGet } from "../harness/raw-request.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

const APP = "https://app.example.com";
const SCHEMA = ["/schema.graphql", "/schema.json"];
const DOCS = [
  "/openapi.json",
  "/docs",
  "/docs/start.js",
  "/docs/swagger-ui-bundle.js",
  "/docs/swagger-ui.css",
  "/docs/favicon-32x32.png",
];
const GRAPHIQL = [
  "/graphql/workers.js",
  "/graphql/graphiql.js",
  "/graphql/start.js",
  "/graphql/graphiql.css",
  "/graphql/editorWorkerService.worker.js",
  "/graphql/json.worker.js",
  "/graphql/graphql.worker.js",
  "/graphql/favicon.ico",
];
const PAGES = [...SCHEMA, ...DOCS, ...GRAPHIQL];
const HTML = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ CORS_ORIGINS: APP });
});
afterAll(() => server.close());

/** The page as it comes over the wire; the path is sent as it is. */
function load(path: string, headers: Record<string, string> = {}, method = "GET") {
  return new Promise<{ status: number; headers: Record<string, unknown>; body: Buffer }>((resolve, reject) => {
    const { hostname, port } = new URL(server.origin);
    const asked = request({ hostname, port, path, agent: false, method, headers });
    asked.on("error", reject).on("response", async (response) => {
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: await buffer(response) });
    });
    asked.end();
  });
}

test("the schema that is served is the committed one", async () => {
  for (const path of SCHEMA) {
    const { body } = await load(path);
    expect(body.equals(readFileSync(new URL(`../../src/graphql${path}`, import.meta.url)))).toBe(true);
  }
});

describe.each(PAGES)("%s", (path) => {
  test("comes compressed, and once to whom keeps it", async () => {
    const whole = await load(path);
    expect([whole.status, whole.headers["content-encoding"], whole.headers.vary]).toEqual([
      200,
      undefined,
      "origin, accept-encoding",
    ]);
    const br = await load(path, { "accept-encoding": "gzip, deflate, br" });
    const gzip = await load(path, { "accept-encoding": "gzip" });
    expect([br.headers["content-encoding"], gzip.headers["content-encoding"]]).toEqual(["br", "gzip"]);
    expect(brotliDecompressSync(br.body).equals(whole.body)).toBe(true);
    expect(gunzipSync(gzip.body).equals(whole.body)).toBe(true);
    const known = await load(path, { "if-none-match": String(whole.headers.etag) });
    expect(known).toMatchObject({ status: 304, body: { length: 0 }, headers: { "cache-control": "no-cache" } });
  });

  test("is only read", async () => {
    const whole = await load(path);
    const head = await load(path, {}, "HEAD");
    expect([head.status, head.body.length, head.headers["content-length"]]).toEqual([
      200,
      0,
      String(whole.body.length),
    ]);
    for (const method of ["POST", "PUT", "DELETE", "PATCH"]) {
      expect(await load(path, {}, method)).toMatchObject({ status: 405, headers: { allow: "GET, HEAD" } });
    }
  });

  test("may be read by the origins that are named, and by no other", async () => {
    const allowed = async (origin: string) => (await load(path, { origin })).headers["access-control-allow-origin"];
    expect([await allowed(APP), await allowed("https://evil.example.com")]).toEqual([APP, undefined]);
  });
});

test.each([
  "/docs/",
  "/docs/index.html",
  "/docs/package.json",
  "/docs/swagger-ui.js",
  "/docs/../package.json",
  "/docs/%2e%2e/package.json",
  "/docs/..%2fpackage.json",
  "/docs//swagger-ui.css",
  "/docs/swagger-ui.css/",
  "/docs/swagger-ui.css%00",
  "/docs/constructor",
  "/schema.graphql/",
  "/src/graphql/schema.graphql",
  "/openapi.yaml",
])("there is no %s", async (path) => {
  const { status, body } = await load(path);
  const detail = `Nothing is served at this URL (GET ${path}).`;
  expect([status, JSON.parse(body.toString())]).toMatchObject([404, { type: "about:blank", status, detail }]);
});

describe.each(["/docs", "/graphql"])("the page %s", (path) => {
  test("is made of files of this server, runs no other script and sends nothing elsewhere", async () => {
    const { headers, body } = await load(path, HTML);
    const policy = String(headers["content-security-policy"]).split("; ");
    for (const rule of ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"]) {
      expect(policy).toContain(rule);
    }
    const page = body.toString();
    expect(page).not.toMatch(/https?:|<script>|\son\w+=/);
    const files = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url = ""]) => `/${url}`);
    expect(files.length).toBeGreaterThan(3);
    expect(files.filter((file) => !PAGES.includes(file))).toEqual([]);
  });

  test.each([
    ["br", "gzip, deflate, br"],
    ["gzip", "gzip"],
    ["gzip", "br;q=0, gzip"],
    [undefined, "identity"],
  ])("comes as %s to whom accepts %j", async (encoding, accepted) => {
    const { headers } = await load(path, { ...HTML, "accept-encoding": accepted });
    expect(headers["content-encoding"]).toBe(encoding);
  });

  test("comes once to whom keeps it", async () => {
    const { headers } = await load(path, HTML);
    const etag = String(headers.etag);
    expect(etag).toMatch(/^"[\w-]+"$/);
    for (const known of [etag, `"x", ${etag}`, `W/${etag}`]) {
      expect(await load(path, { ...HTML, "if-none-match": known })).toMatchObject({ status: 304, body: { length: 0 } });
    }
    expect(await load(path, { ...HTML, "if-none-match": '"x"' })).toMatchObject({ status: 200 });
  });
});

test("GraphiQL names no server that its files could come from", async () => {
  const { body } = await load("/graphql/graphiql.js");
  expect(body.toString()).not.toMatch(/unpkg\.com|jsdelivr|cdnjs|esm\.sh/);
});

test("before the first key they come only under a loopback host; afterwards under any, and need none", async () => {
  const own = await startTestServer();
  const statuses = (lines: string[]) =>
    Promise.all(PAGES.map(async (path) => (await rawGet(own.origin + path, lines)).status));
  try {
    await fetch(`${own.origin}/openai/v1/conversations`);
    expect(new Set(await statuses(["host: docs.example.com"]))).toEqual(new Set([403]));
    expect(new Set(await statuses(["host: localhost:4000"]))).toEqual(new Set([200]));
    await createKey(own.database, "shop", "project", null);
    await expect
      .poll(async () => (await fetch(`${own.origin}/openai/v1/conversations`)).status, { timeout: 5000 })
      .toBe(401);
    expect(new Set(await statuses(["host: docs.example.com"]))).toEqual(new Set([200]));
  } finally {
    await own.close();
  }
});

test.each([
  ["INTROSPECTION", SCHEMA, "/docs"],
  ["DOCS", DOCS, "/schema.graphql"],
  ["GRAPHIQL", GRAPHIQL, "/docs"],
])("%s=0 switches off what it names", async (variable, off, on) => {
  const own = await startTestServer({ [variable]: "0" });
  const status = async (path: string) => (await fetch(own.origin + path)).status;
  try {
    expect(new Set(await Promise.all(off.map(status)))).toEqual(new Set([404]));
    expect(await status(on)).toBe(200);
  } finally {
    await own.close();
  }
});
