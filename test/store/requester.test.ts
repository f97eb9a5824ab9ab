import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";

import type { Database } from "../../src/store/database/client.ts";
import { createRequester } from "../../src/store/database/requester.ts";
import { connectTo } from "../harness/connect.ts";
import { createDatabase, type TestDatabase } from "../harness/database.ts";

let testDatabase: TestDatabase;
let database: Database;
beforeAll(async () => {
  testDatabase = await createDatabase({ migrated: false });
  database = connectTo(testDatabase.url, { poolSize: 9, statementTimeoutMs: 300, lockTimeoutMs: 100 });
  await database.rows(sql`CREATE SEQUENCE sent`);
});
afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

const STATEMENTS = 7;

/**
 * Sends statements of one request that count themselves and then do this; resolves to the failure of each, and the
 * number sent.
 */
async function send(
  what: string,
  signal?: AbortSignal,
  through = database,
): Promise<{ failures: unknown[]; sent: number }> {
  await database.rows(sql`ALTER SEQUENCE sent RESTART`);
  const requester = createRequester({ project: "default", key: "a", user: "" }, signal);
  const statement = sql.raw(`SELECT ${what} FROM (SELECT nextval('sent') AS number OFFSET 0) AS counted`);
  const outcomes = await Promise.allSettled(
    Array.from({ length: STATEMENTS }, () => through.read(statement, requester)),
  );
  const [row] = await database.read<{ sent: number }>(sql`SELECT (nextval('sent') - 1)::integer AS sent`);
  return {
    failures: outcomes.map((outcome) => outcome.status === "rejected" && outcome.reason.code),
    sent: row?.sent ?? Number.NaN,
  };
}

test("all statements of a request are sent, be it that some of them fail", async () => {
  expect(await send("number")).toEqual({ failures: Array(STATEMENTS).fill(false), sent: STATEMENTS });
  const failing = { failures: Array(STATEMENTS).fill("22012"), sent: STATEMENTS };
  expect(await send("number / 0")).toEqual(failing);
});

test("two are sent at a time", async () => {
  const running = "(SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT%sent%' AND state = 'active')";
  expect(await send(`1 / (${running} <= 2)::integer, pg_sleep(0.05)`)).toMatchObject({ sent: STATEMENTS });
  expect((await send(`1 / (${running} <= 1)::integer, pg_sleep(0.05)`)).failures).toContain("22012");
});

test("after one that took too long those that are held back are not sent: the answer is lost already", async () => {
  expect(await send("number, pg_sleep(10)")).toEqual({ failures: Array(STATEMENTS).fill("57014"), sent: 2 });
});

test("nor are they when the caller has left", async () => {
  const leaving = new AbortController();
  const patient = connectTo(testDatabase.url, { poolSize: 9, statementTimeoutMs: 0 });
  onTestFinished(() => patient.close());
  const sending = send("number, pg_sleep(60)", leaving.signal, patient);
  await expect.poll(async () => (await database.read(sql`SELECT FROM sent WHERE is_called`)).length).toBe(1);
  leaving.abort();
  // The second one may not have been sent when the first one was.
  expect((await sending).sent).toBeLessThanOrEqual(2);
});
