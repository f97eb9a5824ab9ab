import { once } from "node:events";
import { createServer, connect as dial, type Server, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";

import type { Database } from "../../src/store/database/client.ts";
import { connectTo } from "../harness/connect.ts";
import { createDatabase, type TestDatabase } from "../harness/database.ts";

// A connection may fall silent for good while the database and all other connections are well.

const STATEMENT_TIMEOUT_MS = 1000;
const CONNECTIONS = 3;
const MARK = "falls silent";

let testDatabase: TestDatabase;
let between: Server;
let database: Database;
const connections = new Set<Socket>();

beforeAll(async () => {
  testDatabase = await createDatabase({ migrated: false });
  const target = new URL(testDatabase.url);
  between = createServer((caller) => {
    const there = dial(Number(target.port), target.hostname);
    connections.add(caller.on("error", () => {}));
    there.on("error", () => {}).pipe(caller);
    let isSilent = false;
    caller
      .on("close", () => there.destroy())
      .on("data", (bytes) => {
        isSilent ||= bytes.includes(MARK);
        if (!isSilent) there.write(bytes);
      });
  }).listen(0, "127.0.0.1");
  await once(between, "listening");
  const { port } = between.address() as { port: number };
  const url = testDatabase.url.replace(target.host, `127.0.0.1:${port}`);
  database = connectTo(url, { poolSize: CONNECTIONS, statementTimeoutMs: STATEMENT_TIMEOUT_MS });
});
afterAll(async () => {
  await database.close();
  for (const connection of connections) connection.destroy();
  between.close();
  await testDatabase.drop();
});

/** The backends of all connections. */
async function readPids(): Promise<(number | undefined)[]> {
  const statement = sql`SELECT pg_backend_pid() AS pid, pg_sleep(0.2)`;
  const found = Array.from({ length: CONNECTIONS }, () => database.read<{ pid: number }>(statement));
  return (await Promise.all(found)).map(([row]) => row?.pid);
}

test("it is given up after the time that a statement may take, and what others run goes on", async () => {
  const before = await readPids();
  const others = database.transaction(async (transaction) => {
    // On a connection of its own from before the silence until after it.
    for (let slept = 0; slept < 4; slept += 1) await transaction.rows(sql`SELECT pg_sleep(0.8)`);
    return "done";
  });
  await delay(100);
  const started = performance.now();
  await expect(database.rows(sql.raw(`SELECT 1 /* ${MARK} */`))).rejects.toMatchObject({ code: "SERVICE_UNAVAILABLE" });
  expect(performance.now() - started).toBeGreaterThan(STATEMENT_TIMEOUT_MS);
  expect(await others).toBe("done");
  const after = await readPids();
  // An idle one may be as dead, and is not tried.
  expect(after.filter((pid) => before.includes(pid))).toHaveLength(1);
});
