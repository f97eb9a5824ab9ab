import { once } from "node:events";
import { createServer, connect as dial, type Server } from "node:net";

import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";

import { sqlState } from "../../src/model/errors.ts";
import type { Database } from "../../src/store/database/client.ts";
import { createRequester } from "../../src/store/database/requester.ts";
import { connectTo } from "../harness/connect.ts";
import { createDatabase, type TestDatabase } from "../harness/database.ts";

let testDatabase: TestDatabase;
let between: Server;
let database: Database;
const connected = Promise.withResolvers<void>();
const released = Promise.withResolvers<void>();

beforeAll(async () => {
  testDatabase = await createDatabase({ migrated: false });
  const target = new URL(testDatabase.url);
  between = createServer(async (caller) => {
    caller.on("error", () => {});
    connected.resolve();
    await released.promise;
    const there = dial(Number(target.port), target.hostname);
    caller.pipe(there.on("error", () => {})).pipe(caller);
  }).listen(0, "127.0.0.1");
  await once(between, "listening");
  const { port } = between.address() as { port: number };
  database = connectTo(testDatabase.url.replace(target.host, `127.0.0.1:${port}`), { statementTimeoutMs: 0 });
});
afterAll(async () => {
  await database.close();
  between.close();
  await testDatabase.drop();
});

test("a statement whose caller leaves while its connection is made does not run to its end", async () => {
  const caller = new AbortController();
  const requester = createRequester({ project: "default", key: "", user: "" }, caller.signal);
  const read = database.read(sql`SELECT pg_sleep(5)`, requester).then(
    () => "its end",
    (error) => sqlState(error),
  );
  await connected.promise;
  caller.abort();
  released.resolve();
  expect(await read).toBe("57014");
});
