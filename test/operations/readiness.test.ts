import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";

import { startTestServer, type TestServer } from "../harness/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const READY = { status: "ready", database: "ok", migrations: "ok" };

async function ask(): Promise<[number, unknown]> {
  const response = await fetch(`${server.origin}/health/ready`);
  return [response.status, await response.json()];
}

test("callers who ask together share one look at the database", async () => {
  let answers: [number, unknown][] = [];
  const statements = await server.countStatements(() =>
    server.database.transaction(async (transaction) => {
      await transaction.rows(sql`LOCK TABLE drizzle.__drizzle_migrations IN ACCESS EXCLUSIVE MODE`);
      answers = await Promise.all(Array.from({ length: 40 }, ask));
    }),
  );
  expect(answers).toEqual(
    Array(40).fill([503, { status: "not ready", database: "unavailable", migrations: "unknown" }]),
  );
  // Two for each look, of which there is one more where a caller comes late.
  expect(statements).toBeLessThan(10);
  expect(await ask()).toEqual([200, READY]);
});

test("each look is a new one", async () => {
  expect(await ask()).toEqual([200, READY]);
  await server.database.rows(sql`ALTER TABLE drizzle.__drizzle_migrations RENAME TO away`);
  expect(await ask()).toEqual([503, { status: "not ready", database: "ok", migrations: "missing" }]);
  await server.database.rows(sql`ALTER TABLE drizzle.away RENAME TO __drizzle_migrations`);
  expect(await ask()).toEqual([200, READY]);
});
