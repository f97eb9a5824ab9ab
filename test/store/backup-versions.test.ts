import { sql } from "drizzle-orm";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { expect, onTestFinished, test } from "vitest";

import type { Database } from "../../src/store/database/client.ts";
import { applyMigrations, countPendingMigrations } from "../../src/store/schema/migrate.ts";
import { restore, takeBackup } from "../harness/backups.ts";
import { brokenRules } from "../harness/broken-rules.ts";
import { ON_CITUS } from "../harness/citus.ts";
import { connectTo } from "../harness/connect.ts";
import { createDatabase } from "../harness/database.ts";
import { ask } from "../harness/graphql.ts";
import { startTestServer } from "../harness/server.ts";

async function newDatabase(options = { migrated: false }): Promise<{ url: string; database: Database }> {
  const { url, drop } = await createDatabase(options);
  const database = connectTo(url, { statementTimeoutMs: 30_000, distributed: options.migrated && ON_CITUS });
  onTestFinished(async () => {
    await database.close();
    await drop();
  });
  return { url, database };
}

// The tables of conversations, keys and counts; not those of chunks, items and deletions.
const MIGRATIONS = 11;
const HASHES = readMigrationFiles({ migrationsFolder: "drizzle" }).map(({ hash }) => hash);

test("a backup of an earlier version is restored into a new database, which is migrated then, and into no other", async () => {
  const { database: old } = await newDatabase();
  await old.transaction((transaction) => applyMigrations(transaction, HASHES.slice(0, MIGRATIONS)));
  await old.rows(sql`INSERT INTO conversations (project_id, id, created_at, metadata)
    VALUES ('default', 'conv_old', '2024-05-20T10:00:00Z', '{"title":"an old one"}')`);
  await old.rows(sql`INSERT INTO conversation_heads (project_id, conversation_id, updated_at, revision, turn_count)
    VALUES ('default', 'conv_old', '2024-05-20T10:00:00Z', 1, 1)`);
  await old.rows(sql`INSERT INTO turns (project_id, id, conversation_id, position, revision, role, state, timestamp, messages)
    VALUES ('default', 'old.1', 'conv_old', 1, 1, 'user', 'done', '2024-05-20T10:00:00Z', '[]')`);
  const packed = await takeBackup(old);
  const migrated = await newDatabase({ migrated: true });
  await expect(restore(migrated.database, packed)).rejects.toThrow(
    /^an earlier version .+: restore it into a new database, on which nothing was started yet$/,
  );
  const { url, database } = await newDatabase();
  await restore(database, packed);
  expect(await countPendingMigrations(database)).toBe(0);
  expect(await brokenRules(database)).toEqual([]);
  const server = await startTestServer({}, url);
  onTestFinished(() => server.close());
  const { conversations } = await ask(
    server,
    "{ conversations { nodes { id title turns(first: 1) { nodes { id } } } } }",
  );
  expect(conversations.nodes).toEqual([{ id: "conv_old", title: "an old one", turns: { nodes: [{ id: "old.1" }] } }]);
});

test("a database without tables, and one of a later version, cannot be backed up", async () => {
  const { database } = await newDatabase();
  await expect(takeBackup(database)).rejects.toThrow("the database has no tables yet");
  const later = await newDatabase({ migrated: true });
  await later.database.rows(sql`INSERT INTO drizzle.__drizzle_migrations (hash) VALUES ('later')`);
  await expect(takeBackup(later.database)).rejects.toThrow("migrations of a later version");
});
