import { type SQL, sql } from "drizzle-orm";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import type { Executor } from "../../src/store/database/executor.ts";
import { migrate } from "../../src/store/schema/migrate.ts";
import { deleteAll } from "../../src/store/write/delete-all.ts";
import { connectTo } from "../harness/connect.ts";
import { conversation, store } from "../harness/conversations.ts";
import { createDatabase } from "../harness/database.ts";
import { ask } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { create } from "../harness/writes.ts";

const AGENT = { name: "shop", version: "2" };
const ANN = { "x-ms-user-isolation-key": "ann" };

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(() => server.database.rows(sql`TRUNCATE conversations CASCADE`));
afterAll(() => server.close());

/** Every list that is counted, with its count and how many rows hold it. */
function counted(executor: Executor): Promise<object[]> {
  return executor.rows(sql`
    SELECT isolation_key AS user, agent_name AS name, agent_version AS version, sum(count)::integer AS count,
      count(*)::integer AS rows
    FROM conversation_counts GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`);
}

const row = (id: string, createdAt = "2024-05-20T10:00:00Z"): SQL => sql`
  INSERT INTO conversations (project_id, id, isolation_key, created_at, agent_name, agent_version)
  VALUES ('default', ${id}, 'ann', ${createdAt}::timestamptz, 'shop', '2')`;

test("a conversation is counted for its project, of every agent, its agent and its agent's version, and for its user", async () => {
  await store(server.database, [conversation("c", { isolationKey: "ann", agent: AGENT }), conversation("d")]);
  expect(await counted(server.database)).toEqual([
    { user: "", name: "", version: "", count: 2, rows: 1 },
    { user: "", name: "shop", version: "", count: 1, rows: 1 },
    { user: "", name: "shop", version: "2", count: 1, rows: 1 },
    { user: "ann", name: "", version: "", count: 1, rows: 1 },
  ]);
});

test("who creates a conversation waits for nobody who is creating another one in the same lists", async () => {
  await create(server, { agent: AGENT }, ANN);
  await server.database.transaction(async (transaction) => {
    await transaction.rows(row("conv_slow", new Date().toISOString()));
    // Waits half a second for a lock at most, and would then be refused.
    await create(server, { agent: AGENT }, ANN);
    const { conversations } = await ask(server, "{ conversations { totalCount } }", {}, ANN);
    expect(conversations.totalCount).toBe(2);
  });
  const { conversations } = await ask(server, "{ conversations { totalCount } }", {}, ANN);
  expect(conversations.totalCount).toBe(3);
});

test("who deletes one waits for nobody either, and may leave a share below nothing, but no sum", async () => {
  await server.database.rows(row("conv_first"));
  await server.database.transaction(async (transaction) => {
    await transaction.rows(row("conv_slow"));
    await server.database.rows(sql`DELETE FROM conversations WHERE id = 'conv_first'`);
    expect(await counted(server.database)).toMatchObject([{ count: 0 }, {}, {}, { count: 0 }]);
  });
  expect(await counted(server.database)).toMatchObject([{ count: 1, rows: 2 }, {}, {}, { count: 1, rows: 2 }]);
});

test("with a user's last conversation go the rows that name the user, however many writers made them", async () => {
  await server.database.transaction(async (transaction) => {
    await transaction.rows(row("conv_slow"));
    await transaction.rows(sql`INSERT INTO conversation_heads (project_id, conversation_id, isolation_key, updated_at, revision, turn_count)
      SELECT project_id, id, isolation_key, created_at, 0, 0 FROM conversations WHERE id = 'conv_slow'`);
    await store(server.database, [conversation("fast", { isolationKey: "ann", agent: AGENT })]);
  });
  await store(server.database, [conversation("theirs", { isolationKey: "bob" })]);
  expect(await counted(server.database)).toContainEqual({ user: "ann", name: "", version: "", count: 2, rows: 2 });
  const scope = { projectId: "default", isolationKey: "ann" };
  await deleteAll(server.database, scope, new AbortController().signal, () => {});
  expect(await counted(server.database)).toEqual([
    { user: "", name: "", version: "", count: 1, rows: 1 },
    { user: "bob", name: "", version: "", count: 1, rows: 1 },
  ]);
});

test("what is rolled back is not counted, and what is emptied is counted no more", async () => {
  const interrupted = server.database.transaction(async (transaction) => {
    await transaction.rows(row("conv_1"));
    throw new Error("interrupted");
  });
  await expect(interrupted).rejects.toThrow("interrupted");
  expect(await counted(server.database)).toEqual([]);
  await server.database.rows(row("conv_1"));
  await server.database.rows(sql`TRUNCATE conversations CASCADE`);
  expect(await counted(server.database)).toEqual([]);
});

test("a conversation moved to another day by hand is counted there", async () => {
  await server.database.rows(row("conv_1"));
  await server.database.rows(sql`UPDATE conversations SET created_at = '2025-01-01T00:00:00Z', agent_version = NULL`);
  await server.database.rows(row("conv_2", "2025-01-01T12:00:00Z"));
  expect(await counted(server.database)).toMatchObject([
    { user: "", version: "", count: 2, rows: 1 },
    { user: "", name: "shop", version: "", count: 2, rows: 1 },
    { user: "", version: "2", count: 1 },
    { user: "ann", name: "", count: 2 },
  ]);
});

test("the migration counts what was stored before it", async () => {
  const { url, drop } = await createDatabase({ migrated: false });
  const database = connectTo(url);
  const migrations = readMigrationFiles({ migrationsFolder: "drizzle" });
  const first = migrations.findIndex(({ sql }) => sql.some((text) => text.includes("conversation_counts")));
  expect(first).toBeGreaterThan(0);
  await database.rows(sql`CREATE SCHEMA drizzle`);
  await database.rows(
    sql`CREATE TABLE drizzle.__drizzle_migrations (id serial PRIMARY KEY, hash text, created_at bigint)`,
  );
  for (const { hash, sql: statements } of migrations.slice(0, first)) {
    for (const statement of statements) await database.rows(sql.raw(statement));
    await database.rows(sql`INSERT INTO drizzle.__drizzle_migrations (hash) VALUES (${hash})`);
  }
  const added = [
    "2024-05-20T23:59:59.999Z",
    "2024-05-21T00:00:00Z",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999Z",
  ];
  for (const [index, time] of added.entries()) await database.rows(row(`conv_${index}`, time));
  await migrate(database);
  const filled = await database.rows(SHARES);
  await database.rows(sql`DELETE FROM conversations`);
  expect(await database.rows(SHARES)).toEqual([]);
  for (const [index, time] of added.entries()) await database.rows(row(`conv_${index}`, time));
  expect(await database.rows(SHARES)).toEqual(filled);
  await database.close();
  await drop();
});

const SHARES = sql`
  SELECT isolation_key, agent_name, agent_version, bucket, count FROM conversation_counts ORDER BY 1, 2, 3, 4`;
