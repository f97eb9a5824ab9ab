import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";

import type { Database } from "../../src/store/database/client.ts";
import type { Executor } from "../../src/store/database/executor.ts";
import { connectTo } from "../harness/connect.ts";
import { createDatabase, type TestDatabase } from "../harness/database.ts";

let testDatabase: TestDatabase;
let database: Database;
beforeAll(async () => {
  testDatabase = await createDatabase({ migrated: false });
  database = connectTo(testDatabase.url, { poolSize: 1, statementTimeoutMs: 1000 });
});
afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

// Of each, the first rows are on their way long before it fails.
const FAILING = {
  "an error": sql`SELECT repeat('x', 1000), 1 / (5000 - n) FROM generate_series(1, 10000) AS n`,
  "a timeout": sql`SELECT repeat('x', 1000), CASE n WHEN 5000 THEN pg_sleep(60) END FROM generate_series(1, 10000) AS n`,
  "the end of its connection": sql`
    SELECT repeat('x', 1000), CASE n WHEN 5000 THEN pg_terminate_backend(pg_backend_pid()) END
    FROM generate_series(1, 10000) AS n`,
};

test.each(Object.entries(FAILING))(
  "the rows of a statement are whole after another was broken off in the middle by %s",
  async (_name, failing) => {
    await expect(database.rows(failing)).rejects.toThrow();
    const rows = await database.rows(sql`SELECT n FROM generate_series(1, 3) AS n`);
    expect(rows).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  },
);

// What postgres.js sent after that would end the process, where no code can catch it.
const BREAKING: Record<string, (transaction: Executor) => Promise<unknown>> = {
  "in its first statement": breakIt,
  "in a later statement": async (transaction) => {
    await transaction.rows(sql`SELECT 1`);
    await breakIt(transaction);
  },
  "while another statement waits behind": (transaction) =>
    Promise.all([breakIt(transaction), transaction.rows(sql`SELECT 1`)]),
  "and the work goes on regardless": async (transaction) => {
    await breakIt(transaction).catch(() => {});
    await transaction.rows(sql`SELECT 1`);
  },
  "and the work ends regardless": (transaction) => breakIt(transaction).catch(() => {}),
};

test.each(Object.entries(BREAKING))(
  "a transaction whose connection breaks %s fails, and the next one works",
  async (_name, work) => {
    await expect(database.transaction(work)).rejects.toMatchObject({ code: "CONNECTION_CLOSED" });
    const rows = await database.transaction((transaction) => transaction.rows(sql`SELECT 1 AS n`));
    expect(rows).toEqual([{ n: 1 }]);
  },
);

test("streamed rows fail when their connection breaks while some are worked on", async () => {
  const breakAll = sql`
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()`;
  const portions = database.stream(sql`SELECT n FROM generate_series(1, 20000) AS n`, 100)[Symbol.asyncIterator]();
  await portions.next();
  await database.rows(breakAll);
  // A while in which the end is heard of.
  await database.rows(sql`SELECT 1`);
  await expect(readOn(portions)).rejects.toThrow();
});

async function readOn(portions: AsyncIterator<unknown>): Promise<void> {
  while (!(await portions.next()).done);
}

function breakIt(transaction: Executor): Promise<unknown> {
  return transaction.rows(sql`SELECT pg_terminate_backend(pg_backend_pid())`);
}
