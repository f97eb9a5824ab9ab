import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

import { hashKey, listKeys } from "../../src/store/keys/keys.ts";
import { type RunningServer, runProgram, startServer } from "../harness/program.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { type Watch, watch } from "../harness/watch.ts";
import { create } from "../harness/writes.ts";
import { PATHS } from "./surface-paths.ts";

// The tests build on each other: what is open at first is closed by the first key for good.
let here: TestServer;
let elsewhere: RunningServer;
let origins: string[];
let env: Record<string, string>;
let project: string;
let user: string;

beforeAll(async () => {
  here = await startTestServer();
  env = { DATABASE_URL: here.url };
  elsewhere = await startServer(env);
  origins = [here.origin, new URL(elsewhere.url).origin];
});
afterAll(async () => {
  await elsewhere.stop("SIGTERM");
  await here.close();
});

const keys = (...args: string[]) => runProgram(["keys", ...args], env);
const newKey = async (...args: string[]) => (await keys("create", ...args)).stdout.trim();

/** The statuses of every surface of both servers, to a caller with this key. */
async function statuses(key: string | null, headers: Record<string, string> = {}): Promise<number[]> {
  const urls = origins.flatMap((origin) => PATHS.map((path) => origin + path));
  const sent = key === null ? headers : { "api-key": key, ...headers };
  return Promise.all(urls.map(async (url) => (await fetch(url, { headers: sent })).status));
}

/** The ids of the keys, sorted by when they were created. */
async function ids(): Promise<string[]> {
  const rows = await here.database.rows<{ id: string }>(sql`SELECT id FROM keys ORDER BY created_at`);
  return rows.map(({ id }) => id);
}

const everywhere = (status: number) => Array(origins.length * PATHS.length).fill(status);

/** Waits until every surface of both servers answers so, which takes a second at most. */
async function becomes(status: number, key: string | null): Promise<void> {
  await vi.waitFor(async () => expect(await statuses(key)).toEqual(everywhere(status)), {
    timeout: 1000,
    interval: 20,
  });
}

async function end(watching: readonly Watch[]): Promise<void> {
  const started = performance.now();
  for (const { next } of watching) expect(await next()).toBeNull();
  expect(performance.now() - started).toBeLessThan(1000);
}

test("before the first key everything is open, and a key that is sent is ignored", async () => {
  expect(await statuses(null)).toEqual(everywhere(200));
  expect(await statuses("whatever")).toEqual(everywhere(200));
});

test("the first key closes every surface of every process within a second, and ends what was watched", async () => {
  const conversationId = await create(here);
  const watching = await Promise.all(origins.map((origin) => watch({ origin }, { conversationId })));
  const created = await keys("create", "--project", "shop", "--access", "project", "--note", "for the backend");
  expect(created).toMatchObject({ status: 0, stderr: "", stdout: expect.stringMatching(/^cg_[A-Za-z0-9_-]{43}\n$/) });
  project = created.stdout.trim();
  await becomes(401, null);
  await becomes(200, project);
  await end(watching);
});

test("a key created while others exist opens within a second", async () => {
  user = await newKey("--project", "shop", "--access", "user");
  await vi.waitFor(
    async () => expect(await statuses(user, { "x-ms-user-isolation-key": "ann" })).toEqual(everywhere(200)),
    { timeout: 1000, interval: 20 },
  );
});

test("only a hash of the key is stored, and the list shows neither", async () => {
  const rows = await here.database.rows<{ hash: string; row: string }>(sql`SELECT hash, keys::text AS row FROM keys`);
  expect(rows.map(({ hash }) => hash).sort()).toEqual([project, user].map(hashKey).sort());
  const { status, stdout } = await keys("list");
  expect(status).toBe(0);
  for (const text of [stdout, ...rows.map(({ row }) => row)]) {
    for (const key of [project, user]) expect(text).not.toContain(key.slice("cg_".length));
  }
  for (const key of [project, user]) expect(stdout).not.toContain(hashKey(key));
  const time = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;
  const used = String.raw`used \d{4}-\d\d-\d\dT\d\d:00Z`;
  const lines = [
    `key_\\w+  shop  project  created ${time}  valid  ${used}  for the backend`,
    `key_\\w+  shop  user  created ${time}  valid  ${used}`,
  ];
  expect(stdout).toMatch(new RegExp(`^${lines.join("\n")}\n$`));
});

test("a revoked key opens nothing within a second, ends what it watched, and leaves the server closed", async () => {
  const headers = { "api-key": project };
  const conversationId = await create(here, {}, headers);
  const watching = await Promise.all(origins.map((origin) => watch({ origin }, { conversationId }, headers)));
  const [id = ""] = await ids();
  expect(await keys("revoke", id)).toMatchObject({ status: 0, stdout: "", stderr: "" });
  await becomes(401, project);
  await end(watching);
  expect(await statuses(user, { "x-ms-user-isolation-key": "ann" })).toEqual(everywhere(200));
  expect(await keys("revoke", id)).toMatchObject({ status: 0 });
  expect((await keys("list")).stdout).toMatch(
    /^key_\w+ {2}shop {2}project {2}created \S+ {2}revoked \S+ {2}used \S+ {2}for the backend$/m,
  );
});

test("with every key revoked the server stays closed", async () => {
  for (const id of await ids()) await keys("revoke", id);
  await becomes(401, user);
  expect(await statuses(null)).toEqual(everywhere(401));
});

test("a call of the command that cannot be understood is refused, and changes nothing", async () => {
  const stored = () => listKeys(here.database);
  const before = await stored();
  await Promise.all(
    (
      [
        [["create"], 2, "--access"],
        [["create", "--access", "admin"], 2, "--access"],
        [["create", "--access", "user", "--project", "no spaces"], 2, "--project"],
        [["revoke"], 2, "ID"],
        [["revoke", "key_0"], 1, "key_0"],
        [["forget"], 2, "forget"],
      ] as const
    ).map(async ([args, status, reason]) => {
      expect(await keys(...args)).toMatchObject({ status, stdout: "", stderr: expect.stringContaining(reason) });
    }),
  );
  expect(await stored()).toEqual(before);
});
