import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { sql } from "drizzle-orm";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";

import { isLoopback } from "../../src/http/loopback.ts";
import { createKey } from "../../src/store/keys/keys.ts";
import { newDataFolder } from "../harness/data-folder.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { watch } from "../harness/watch.ts";
import { create } from "../harness/writes.ts";
import { PATHS } from "./surface-paths.ts";

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer();
});
afterEach(() => server.close());

const SOON = { timeout: 5000, interval: 20 };

/** The statuses of every surface to a caller with this key, or without one. */
function statuses({ origin }: TestServer, key?: string): Promise<number[]> {
  const headers = key === undefined ? {} : { "api-key": key };
  return Promise.all(PATHS.map(async (path) => (await fetch(origin + path, { headers })).status));
}

const everywhere = (status: number) => PATHS.map(() => status);

/** Asks without a key until every surface answers so, which is never let in before. */
async function refusedUntil(status: number): Promise<void> {
  await vi.waitUntil(async () => {
    const answered = await statuses(server);
    for (const one of answered) expect(one).toBeOneOf([401, 503]);
    return answered.every((one) => one === status);
  }, SOON);
}

test("a process that has seen a key never opens again, whatever becomes of the keys", async () => {
  expect(await statuses(server)).toEqual(everywhere(200));
  const key = await createKey(server.database, "default", "project", null);
  await vi.waitFor(async () => expect(await statuses(server)).toEqual(everywhere(401)), SOON);
  expect(await statuses(server, key)).toEqual(everywhere(200));
  const conversationId = await create(server, {}, { "api-key": key });
  const watching = await watch(server, { conversationId }, { "api-key": key });

  // As `pg_restore --clean` has it: locked, gone, empty, and there again.
  await server.database.rows(sql`CREATE TABLE kept AS SELECT * FROM keys`);
  await server.database.rows(sql`DELETE FROM keys`);
  await refusedUntil(503);
  expect(await statuses(server, key)).toEqual(everywhere(503));
  expect(await watching.next()).toBeNull();
  await server.database.rows(sql`ALTER TABLE keys RENAME TO gone`);
  await refusedUntil(503);
  await server.database.rows(sql`ALTER TABLE gone RENAME TO keys`);
  await server.database.rows(sql`INSERT INTO keys SELECT * FROM kept`);
  await refusedUntil(401);
  expect(await statuses(server, key)).toEqual(everywhere(200));
});

test("a server whose keys cannot be read does not open before it has found that there are none", async () => {
  await server.database.rows(sql`ALTER TABLE keys RENAME TO gone`);
  const late = await startTestServer({}, server.url);
  onTestFinished(() => late.close());
  for (let round = 0; round < 3; round += 1) expect(await statuses(late)).toEqual(everywhere(503));
  await server.database.rows(sql`ALTER TABLE gone RENAME TO keys`);
  expect(await statuses(late)).toEqual(everywhere(200));
});

// Addresses of this machine that HOST does not name, so that other machines cannot reach the test.
test.each([
  ["listens where others may reach it", async () => ({ HOST: "127.1" })],
  ["was given a file with a key", async () => ({ INITIAL_KEY_FILE: await keyFile() })],
])("a server that %s is open to nobody, and says what to do", async (_what, settings) => {
  const closed = await startTestServer(await settings(), server.url);
  onTestFinished(() => closed.close());
  expect(await statuses(closed)).toEqual(everywhere(403));
  expect(await statuses(closed, "cg_whatever")).toEqual(everywhere(403));
  expect(await (await fetch(closed.origin + PATHS[0])).json()).toMatchObject({
    errors: [{ message: expect.stringContaining("npm run keys -- create"), extensions: { code: "FORBIDDEN" } }],
  });
  expect((await fetch(`${closed.origin}/health/live`)).status).toBe(200);
  const key = await createKey(server.database, "default", "project", null);
  await vi.waitFor(async () => expect(await statuses(closed, key)).toEqual(everywhere(200)), SOON);
  expect(await statuses(closed)).toEqual(everywhere(401));
});

test.each([
  [true, ["127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1", "::FFFF:127.1.2.3", "localhost"]],
  [false, ["10.0.0.1", "::ffff:10.0.0.1", "::ffff:127.0.0.1.evil", "::", "0.0.0.0", "fe80::1", "1127.0.0.1", ""]],
])("whether an address is this machine's own: %s", (expected, addresses) => {
  for (const address of addresses) expect([address, isLoopback(address)]).toEqual([address, expected]);
});

async function keyFile(): Promise<string> {
  const file = join(await newDataFolder(), "key");
  await writeFile(file, `cg_${"e".repeat(43)}`);
  return file;
}
