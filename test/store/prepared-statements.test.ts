import { type SQL, sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";

import type { Database } from "../../src/store/database/client.ts";
import { createPreparations } from "../../src/store/database/prepared-statements.ts";
import { connectTo } from "../harness/connect.ts";
import { createDatabase, type TestDatabase } from "../harness/database.ts";

let testDatabase: TestDatabase;
beforeAll(async () => {
  testDatabase = await createDatabase({ migrated: false });
});
afterAll(() => testDatabase.drop());

/** One connection, and what it has prepared of these tests' statements. */
function openOne(options: { prepare: boolean } = { prepare: true }) {
  const database = connectTo(testDatabase.url, options);
  onTestFinished(() => database.close());
  return { database, prepared: () => readPrepared(database) };
}

async function readPrepared(database: Database): Promise<string[]> {
  const rows = await database.read<{ name: string }>(sql`
    SELECT substring(statement FROM 'AS (statement_[0-9]+)') AS name FROM pg_prepared_statements
    WHERE statement LIKE 'SELECT %::text AS statement_%' ORDER BY 1`);
  return rows.map(({ name }) => name);
}

const numbered = (number: number, value = "x"): SQL => sql`SELECT ${value}::text AS ${sql.raw(`statement_${number}`)}`;

async function readPid(database: Database): Promise<number | undefined> {
  return (await database.read<{ pid: number }>(sql`SELECT pg_backend_pid() AS pid`))[0]?.pid;
}

test("a statement that is asked for again is prepared, one that is not never is", async () => {
  const { database, prepared } = openOne();
  for (const number of [1, 2, 3]) await database.read(numbered(number));
  expect(await prepared()).toEqual([]);
  await database.read(numbered(2, "another value"));
  expect(await database.read(numbered(2, "a third"))).toEqual([{ statement_2: "a third" }]);
  await database.transaction(async (transaction) => {
    await transaction.rows(numbered(3));
  });
  expect(await prepared()).toEqual(["statement_2", "statement_3"]);
});

test("a connection that has prepared as much as it may is closed, and what is frequent is prepared on the next at once", async () => {
  const { database, prepared } = openOne();
  await database.read(numbered(0));
  await database.read(numbered(0));
  const pid = await readPid(database);
  let most = 0;
  for (let number = 1; number <= 200; number += 1) {
    await database.read(numbered(number));
    await database.read(numbered(number));
    if (number % 10 === 0) most = Math.max(most, (await prepared()).length);
  }
  expect(most).toBeGreaterThan(100);
  expect(most).toBeLessThanOrEqual(150);
  expect(await readPid(database)).not.toBe(pid);
  await database.read(numbered(200));
  expect(await prepared()).toContain("statement_200");
});

test("nothing is prepared behind a pooler", async () => {
  const { database, prepared } = openOne({ prepare: false });
  for (let times = 0; times < 3; times += 1) await database.read(numbered(1));
  expect(await prepared()).toEqual([]);
});

const long = (name: string, characters: number) => name.padEnd(characters, " ");

test("what a connection keeps is bounded in characters", () => {
  const prepared = createPreparations()();
  for (let number = 0; number < 10; number += 1) {
    expect(prepared.isFull()).toBe(false);
    for (let times = 0; times < 2; times += 1) prepared.admit(long(`${number}`, 20_000));
  }
  expect(prepared.isFull()).toBe(true);
});

test("a statement is forgotten behind a thousand others, or a million characters of them, and one that is too long at once", () => {
  const begin = createPreparations();
  const [one, other] = [begin(), begin()];
  const [short, tooLong] = ["SELECT 1", long("SELECT 2", 20_001)];
  const others = (count: number, characters: number) => {
    for (let number = 0; number < count; number += 1) one.admit(long(`${characters} ${number}`, characters));
  };
  expect([one.admit(short), other.admit(short)]).toEqual([false, true]);
  others(999, 10);
  expect(begin().admit(short)).toBe(true);
  others(1000, 11);
  expect(begin().admit(short)).toBe(false);
  others(50, 20_000);
  expect(begin().admit(short)).toBe(false);
  // A connection goes on with what it has prepared.
  others(1000, 12);
  expect(other.admit(short)).toBe(true);
  expect([one.admit(tooLong), one.admit(tooLong)]).toEqual([false, false]);
});
