import { randomBytes } from "node:crypto";

import { sql } from "drizzle-orm";
import { onTestFinished } from "vitest";

import type { Database } from "../../src/store/database/client.ts";
import { databaseUrl } from "../harness/admin.ts";
import { CITUS_NODES, dropDatabase, onEach } from "../harness/citus.ts";
import { connectTo } from "../harness/connect.ts";
import { type Outcome, runCommand } from "../harness/run-command.ts";

/** What a suite of a cluster is called: with the reason where it does not run. */
export function named(name: string): string {
  return CITUS_NODES.length > 0 ? name : `${name} (skipped: TEST_CITUS_URLS names no cluster)`;
}

/** An empty database on every node of the cluster, without Citus. It goes with the test. */
export async function newClusterDatabase(): Promise<{ name: string; url: string }> {
  const name = `test_${randomBytes(8).toString("hex")}`;
  await onEach(CITUS_NODES, `CREATE DATABASE ${name} TEMPLATE template0`);
  onTestFinished(() => dropDatabase(CITUS_NODES, name));
  return { name, url: databaseUrl(CITUS_NODES[0] ?? "", name) };
}

/** A connection to the database, which is closed with the test. */
export function open(url: string): Database {
  const database = connectTo(url, { statementTimeoutMs: 30_000, distributed: true });
  onTestFinished(() => database.close());
  return database;
}

/** What `distribute --yes` says of the database; with few shards. */
export async function distribute(url: string): Promise<Outcome> {
  const { name } = /\/(?<name>\w+)$/.exec(url)?.groups ?? {};
  await onEach([url], `ALTER DATABASE ${name} SET citus.shard_count = 4`);
  return runCommand(url, ["distribute", "--yes"]);
}

/** The tables of the database as Citus has them: distributed, reference, local. */
export async function tableTypes(database: Database): Promise<Record<string, string>> {
  const rows = await database.read<{ name: string; type: string }>(sql`
    SELECT table_name::text AS name, citus_table_type AS type FROM citus_tables ORDER BY table_name::text COLLATE "C"`);
  return Object.fromEntries(rows.map(({ name, type }) => [name, type]));
}
