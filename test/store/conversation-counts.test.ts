import { sql } from "drizzle-orm";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import type { ConversationRecord } from "../../src/model/conversation-record.ts";
import type { Executor } from "../../src/store/database/executor.ts";
import { migrate } from "../../src/store/schema/migrate.ts";
import { countsOf, createCountChanges, writeCounts } from "../../src/store/write/change-counts.ts";
import { writeConversations } from "../../src/store/write/conversation.ts";
import { deleteAll } from "../../src/store/write/delete-all.ts";
import { takeShare } from "../../src/store/write/shares.ts";
import { connectTo } from "../harness/connect.ts";
import { conversation, removeAll, store } from "../harness/conversations.ts";
import { createDatabase } from "../harness/database.ts";
import { ask } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { create } from "../harness/writes.ts";

const AGENT = { name: "shop", version: "2" };
const HERS = { isolationKey: "ann", agent: AGENT };
const ANN = { "x-ms-user-isolation-key": "ann" };

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(() => removeAll(server.database));
afterAll(() => server.close());

/** Every list that is counted, with its count and how many rows hold it. */
function counted(executor: Executor): Promise<object[]> {
  return executor.rows(sql`
    SELECT isolation_key AS user, agent_name AS name, agent_version AS version, sum(count)::integer AS count,
      count(*)::integer AS rows
    FROM conversation_counts GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`);
}

/** Stores the conversation, and does the work between the last statement and the commit. */
async function beforeCommit(record: ConversationRecord, work: () => Promise<unknown>): Promise<void> {
  const { share, release } = takeShare();
  const counts = createCountChanges();
  await server.database
    .transaction(async (transaction) => {
      const writer = { ...transaction, count: counts.add, takeIds: () => {}, freeIds: () => {} };
      await writeConversations(writer, "default", [record]);
      await writeCounts(transaction, "default", countsOf(counts), share);
      await work();
    })
    .finally(release);
}

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
  await beforeCommit(conversation("conv_slow", { ...HERS, createdAt: new Date() }), async () => {
    // Waits half a second for a lock at most, and would then be refused.
    await create(server, { agent: AGENT }, ANN);
    const { conversations } = await ask(server, "{ conversations { totalCount } }", {}, ANN);
    expect(conversations.totalCount).toBe(2);
  });
  const { conversations } = await ask(server, "{ conversations { totalCount } }", {}, ANN);
  expect(conversations.totalCount).toBe(3);
});

test("with a user's last conversation go the rows that name the user, however many writers made them", async () => {
  await beforeCommit(conversation("conv_slow", HERS), () => store(server.database, [conversation("fast", HERS)]));
  await store(server.database, [conversation("theirs", { isolationKey: "bob" })]);
  expect(await counted(server.database)).toContainEqual({ user: "ann", name: "", version: "", count: 2, rows: 2 });
  const scope = { projectId: "default", isolationKey: "ann" };
  await deleteAll(server.database, scope, new AbortController().signal, () => {});
  expect(await counted(server.database)).toEqual([
    { user: "", name: "", version: "", count: 1, rows: 1 },
    { user: "bob", name: "", version: "", count: 1, rows: 1 },
  ]);
});

test("what is rolled back is not counted", async () => {
  const interrupted = beforeCommit(conversation("conv_c", HERS), async () => {
    throw new Error("interrupted");
  });
  await expect(interrupted).rejects.toThrow("interrupted");
  expect(await counted(server.database)).toEqual([]);
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
  for (const [index, time] of added.entries()) {
    await database.rows(sql`
      INSERT INTO conversations (project_id, id, isolation_key, created_at, agent_name, agent_version)
      VALUES ('default', ${`conv_${index}`}, 'ann', ${time}::timestamptz, 'shop', '2')`);
    await database.rows(sql`
      INSERT INTO conversation_heads (project_id, conversation_id, isolation_key, updated_at, revision, turn_count)
      VALUES ('default', ${`conv_${index}`}, 'ann', ${time}::timestamptz, 0, 0)`);
  }
  await migrate(database);
  const filled = await database.rows(SHARES);
  await removeAll(database);
  expect(await database.rows(SHARES)).toEqual([]);
  await store(
    database,
    added.map((time, index) => conversation(`conv_${index}`, { ...HERS, createdAt: new Date(time) })),
  );
  expect(await database.rows(SHARES)).toEqual(filled);
  await database.close();
  await drop();
});

const SHARES = sql`
  SELECT isolation_key, agent_name, agent_version, bucket, count FROM conversation_counts ORDER BY 1, 2, 3, 4`;
