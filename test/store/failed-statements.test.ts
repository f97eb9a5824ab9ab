import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";

import type { Database } from "../../src/store/database/client.ts";
import { connectTo } from "../harness/connect.ts";
import { createDatabase, type TestDatabase } from "../harness/database.ts";

let testDatabase: TestDatabase;
let database: Database;
beforeAll(async () => {
  testDatabase = await createDatabase({ migrated: false });
  database = connectTo(testDatabase.url);
});
afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

const FAILURES = 500;
const CHARACTERS = 100_000;
// A third of what the texts have.
const KEPT_BYTES = (FAILURES * CHARACTERS) / 3;

/** Statements of which each has a text of its own. */
async function fail(from: number): Promise<void> {
  for (let number = from; number < from + FAILURES; number += 1) {
    const text = `SELECT 1 / 0 /* ${number} */`.padEnd(CHARACTERS);
    // Not `rejects`, which keeps each promise until the end of the test.
    const failure = await database.rows(sql.raw(text)).catch((error: Error) => error.message);
    expect(failure).toBe("division by zero");
  }
}

function heapUsed(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  return process.memoryUsage().heapUsed;
}

// postgres.js 3.4.9 keeps the text of each `unsafe` that fails, in a map of where in the program statements stand.
test("the texts of statements that failed are not kept", async () => {
  await fail(0);
  const before = heapUsed();
  await fail(FAILURES);
  expect(heapUsed() - before).toBeLessThan(KEPT_BYTES);
});
