import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";

import type { Database } from "../../src/store/client.ts";
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
