import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { readConfig, SettingsError } from "../../src/config.ts";
import { createAllowsOrigin } from "../../src/http/origins.ts";
import { createKey } from "../../src/store/keys/keys.ts";
import { startServer } from "../harness/program.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { PATHS } from "./surface-paths.ts";

const APP = "https://app.example.com";
const VITE = "http://localhost:5173";

let server: TestServer;
let closed: TestServer;
beforeAll(async () => {
  [server, closed] = await Promise.all([
    startTestServer({ CORS_ORIGINS: APP }),
    startTestServer({ CORS_ORIGINS: APP }),
  ]);
  await createKey(closed.database, "shop", "project", null);
});
afterAll(() => Promise.all([server.close(), closed.close()]));

function preflight({ origin }: { origin: string }, path: string, from: string, headers: string): Promise<Response> {
  return fetch(origin + path, {
    method: "OPTIONS",
    headers: { origin: from, "access-control-request-method": "POST", "access-control-request-headers": headers },
  });
}

describe.each(PATHS)("a preflight of %s", (path) => {
  test("allows the headers that it names, to allowed origins only", async () => {
    const named = "cache-control,last-event-id,traceparent,x-stainless-arch,x-stainless-os";
    const { status, headers } = await preflight(closed, path, APP, named);
    expect([status, headers.get("access-control-allow-headers")]).toEqual([204, named]);
    const refused = await preflight(closed, path, "https://evil.example.com", named);
    expect([...refused.headers.keys()].filter((name) => name.startsWith("access-control-"))).toEqual([]);
  });

  test.each([
    ["a name that is none", "x-a, x(b)"],
    ["more names than a client has", "x-name, ".repeat(300)],
  ])("repeats no header for %s", async (_what, named) => {
    const { status, headers } = await preflight(closed, path, APP, named);
    expect([status, headers.get("access-control-allow-headers")]).toEqual([204, null]);
  });

  test("lets pages of this machine in while no key exists, and not afterwards", async () => {
    for (const origin of [VITE, "http://127.0.0.1:3000", "https://[::1]:8443", "http://localhost"]) {
      const allowed = async (from: TestServer) =>
        (await preflight(from, path, origin, "content-type")).headers.get("access-control-allow-origin");
      expect([await allowed(server), await allowed(closed)]).toEqual([origin, null]);
    }
    for (const origin of [
      "http://localhost.example.com",
      "http://127.0.0.1.evil.com",
      "http://evil.com/localhost",
      "null",
    ]) {
      expect((await preflight(server, path, origin, "")).headers.get("access-control-allow-origin")).toBeNull();
    }
  });
});

test.each([
  ["https://*.example.com", ["https://a.example.com", "https://a-1.b.example.com"]],
  ["http://*.example.com:8080", ["http://a.example.com:8080"]],
  [APP, [APP]],
])("%s lets in just what it says", (pattern, allowed) => {
  const allows = createAllowsOrigin([pattern]);
  const others = [
    "https://example.com",
    "https://.example.com",
    "https://evilexample.com",
    "http://a.example.com",
    "https://a.example.com:444",
    "https://a.example.com.evil.com",
    "https://user@a.example.com",
    "https://evil.com/.example.com",
    "https://evil.com#.example.com",
    "null",
    "",
  ];
  expect(allowed.map(allows)).toEqual(allowed.map(() => true));
  expect(others.filter(allows)).toEqual([]);
});

test("what is wrong with a value of CORS_ORIGINS is said, with what to write instead", () => {
  const values = {
    "*": "name the origins",
    "app.example.com": "write https://app.example.com",
    "*.example.com": "write https://*.example.com",
    "https://app.example.com/": "write https://app.example.com",
    "HTTPS://App.example.com": "write https://app.example.com",
    "https://app.example.com:443": "write https://app.example.com",
    "https://*": "https://*.example.com",
    "https://*.com": "no domain behind the star",
    "https://a*.example.com": "does not stand for subdomains",
    "ftp://app.example.com": "is not an origin",
    "https://a b": "is not an origin",
  };
  const read = () => readConfig({ CORS_ORIGINS: [APP, ...Object.keys(values)].join(",") });
  const lines = faultsOf(read);
  expect(lines.length).toBe(Object.keys(values).length);
  for (const [index, [value, hint]] of Object.entries(values).entries()) {
    expect(lines[index]).toContain(`CORS_ORIGINS has ${JSON.stringify(value)}, which `);
    expect(lines[index]).toContain(hint);
  }
});

test("a refused origin is one line of the log, which names the setting; this server's own pages are none", async () => {
  const running = await startServer({ DATABASE_URL: closed.url, LOG_LEVEL: "warn" });
  const { origin } = new URL(running.url);
  for (const from of [VITE, VITE, origin, "null", `http://${"x".repeat(400)}`, "no origin"]) {
    await fetch(running.url, { method: "POST", headers: { origin: from } });
  }
  const { stderr } = await running.stop("SIGTERM");
  const lines = stderr
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines).toMatchObject(
    [VITE, "null"].map((from) => ({ origin: from, msg: expect.stringContaining("CORS_ORIGINS") })),
  );
});

function faultsOf(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof SettingsError) return error.faults;
  }
  return [];
}
