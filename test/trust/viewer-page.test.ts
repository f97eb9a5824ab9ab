import { stat, utimes } from "node:fs/promises";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { currentBundle } from "../../src/server/pages/viewer-bundle.ts";
import { rawGet } from "../harness/raw-request.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

let server: TestServer;
let page: Response;
let html: string;
/** Paths of the files that the page loads. */
let files: string[];
beforeAll(async () => {
  server = await startTestServer();
  page = await fetch(`${server.origin}/?conversation=conv_1`);
  html = await page.text();
  files = [...html.matchAll(/(?:src|href)="(viewer[^"]+)"/g)].map(([, path]) => `/${path}`);
});
afterAll(() => server.close());

const load = (path: string, init?: RequestInit) => fetch(server.origin + path, init);

describe("the page at /", () => {
  test("is made of a script and a style sheet of this server, whose names hold their hash, and runs no other script", () => {
    expect(page.status).toBe(200);
    expect(files.map((file) => file.replace(/-[0-9A-Z]{8}\./, "-HASH."))).toEqual([
      "/viewer/style-HASH.css",
      "/viewer/main-HASH.js",
    ]);
    expect(html).not.toMatch(/https?:(?!\/\/www\.w3\.org\/2000\/svg)|<script>|<style|\son\w+=|\sstyle=/);
    expect(page.headers.get("content-security-policy")).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types dompurify",
    );
  });

  test("is asked for at each visit, its files once; all come compressed", async () => {
    const known = await load("/", { headers: { "if-none-match": page.headers.get("etag") ?? "" } });
    expect([known.status, known.headers.get("cache-control")]).toEqual([304, "no-cache"]);
    for (const path of files) {
      const { status, headers } = await load(path, { headers: { "accept-encoding": "br" } });
      expect([status, headers.get("content-encoding"), headers.get("cache-control")]).toEqual([
        200,
        "br",
        "public, max-age=31536000, immutable",
      ]);
    }
  });

  test("is only read, and nothing else is served beside its files", async () => {
    for (const path of ["/", ...files]) {
      const { status, headers } = await load(path, { method: "POST" });
      expect([status, headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    }
    for (const path of [
      "/viewer",
      "/viewer/",
      "/viewer/main.js",
      "/viewer/main.tsx",
      "/viewer/..%2fpackage.json",
      "/viewer/constructor",
    ]) {
      const { status, headers } = await load(path);
      expect([path, status, headers.get("content-type")]).toEqual([
        path,
        404,
        "application/problem+json; charset=utf-8",
      ]);
    }
  });

  test("comes only under a loopback host before the first key", async () => {
    await load("/openai/v1/conversations");
    const statuses = ["/", ...files].map((path) => rawGet(server.origin + path, ["host: viewer.example.com"]));
    expect((await Promise.all(statuses)).map(({ status }) => status)).toEqual([403, 403, 403]);
  });
});

test("the bundle is made once, and again after a change of a source", async () => {
  const source = new URL("../../src/viewer/style.css", import.meta.url);
  const { atime, mtime } = await stat(source);
  const bundle = await currentBundle();
  expect(await currentBundle()).toBe(bundle);
  await utimes(source, atime, new Date());
  try {
    const next = await currentBundle();
    expect(next).not.toBe(bundle);
    expect(next).toEqual(bundle);
  } finally {
    await utimes(source, atime, mtime);
  }
});

test("VIEWER=0 leaves / as it was, and GRAPHIQL=0 and DOCS=0 take the page's links to what is not there", async () => {
  const own = await startTestServer({ VIEWER: "0" });
  const bare = await startTestServer({ GRAPHIQL: "0", DOCS: "0" });
  try {
    const { status, headers } = await fetch(own.origin, { redirect: "manual" });
    expect([status, headers.get("location")]).toEqual([307, "/graphql"]);
    expect((await fetch(own.origin + files[1])).status).toBe(404);
    expect(html).toContain('data-graphiql="true" data-docs="true"');
    expect(await (await fetch(bare.origin)).text()).toContain('data-graphiql="false" data-docs="false"');
  } finally {
    await Promise.all([own.close(), bare.close()]);
  }
});
