import { sql } from "drizzle-orm";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { describe, expect, test } from "vitest";

import { beginDistributing, distributeTables } from "../../src/store/distributed/distribute-tables.ts";
import { applyMigrations } from "../../src/store/schema/migrate.ts";
import { CITUS_NODES, joinNodes, ON_CITUS } from "../harness/citus.ts";
import { startTestServer } from "../harness/server.ts";
import { create } from "../harness/writes.ts";
import { named, newClusterDatabase, open, tableTypes } from "./cluster-database.ts";

// Items and deleted turns and conversations come later.
const BEFORE_ITEMS = 17;
// The next one drops an identity, which Citus takes on one machine only; no table was distributed before it.
const AFTER_ITEMS = 22;
const HASHES = readMigrationFiles({ migrationsFolder: "drizzle" }).map(({ hash }) => hash);

describe.skipIf(!ON_CITUS)(named("a distributed database"), () => {
  test("gets later tables distributed, with foreign keys that delete", async () => {
    const { name, url } = await newClusterDatabase();
    await joinNodes(CITUS_NODES, name);
    const database = open(url);
    await database.transaction(async (transaction) => {
      await transaction.rows(sql`SET LOCAL citus.shard_count = 4`);
      await beginDistributing(transaction);
      await applyMigrations(transaction, HASHES.slice(0, BEFORE_ITEMS));
      await distributeTables(transaction);
    });
    expect(await tableTypes(database)).not.toHaveProperty("items");
    const later = HASHES.slice(BEFORE_ITEMS, AFTER_ITEMS);
    expect(await database.transaction((transaction) => applyMigrations(transaction, later))).toBe(later.length);
    expect(await tableTypes(database)).toMatchObject({
      items: "distributed",
      deleted_turns: "distributed",
      deleted_conversations: "distributed",
    });
    const keys = await database.rows<{ result: string }>(sql`
      SELECT result FROM run_command_on_shards('items',
        $$SELECT confdeltype FROM pg_constraint WHERE conrelid = '%s'::regclass AND contype = 'f'$$)`);
    expect(keys.map(({ result }) => result)).toEqual(["c", "c", "c", "c"]);
  });

  test("takes the limits of a session to its workers where they are lifted", async () => {
    const server = await startTestServer();
    const { pathname } = new URL(server.url);
    await create(server);
    await server.database.rows(
      sql.raw(`ALTER ROLE postgres IN DATABASE ${pathname.slice(1)} SET statement_timeout = '300ms'`),
    );
    const slowly = sql`SELECT id FROM conversations WHERE project_id = 'default' AND pg_sleep(1) IS NOT NULL`;
    const limited = open(server.url);
    // The workers are asked over connections that began before.
    await limited.rows(sql`SET citus.max_cached_conns_per_worker = 0`);
    await expect(limited.rows(slowly)).rejects.toThrow(/statement timeout/);
    expect(await limited.copyTransaction("read", (transaction) => transaction.rows(slowly))).toHaveLength(1);
    await limited.close();
    await server.close();
  });
});
