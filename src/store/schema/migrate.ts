import { fileURLToPath } from "node:url";

import { sql } from "drizzle-orm";
import { type MigrationMeta, readMigrationFiles } from "drizzle-orm/migrator";

import type { Database } from "../database/client.ts";
import type { Executor } from "../database/executor.ts";
import { beginDistributing, distributeTables } from "../distributed/distribute-tables.ts";
import { isDistributed } from "../distributed/is-distributed.ts";

const MIGRATIONS_FOLDER = fileURLToPath(new URL("../../../drizzle", import.meta.url));

// One number for every server of the product: the holder migrates, the others wait and find nothing left to do.
const MIGRATION_LOCK = 7_270_391;

/**
 * Applies the migrations of `drizzle/` that the database lacks, in order and in one transaction; resolves to their
 * number. Safe to run several times at once. Keeps Drizzle's own table of applied migrations, so that its tools read it
 * too.
 */
export async function migrate(database: Database): Promise<number> {
  return database.transaction(applyMigrations);
}

/** The same within a transaction; with `only`, no other migrations than those with these hashes. */
export async function applyMigrations(transaction: Executor, only?: readonly string[]): Promise<number> {
  const isOnMachines = await isDistributed(transaction);
  if (isOnMachines) await beginDistributing(transaction);
  // Another process may be migrating, and a migration may build an index over every stored row.
  await transaction.rows(sql`SET LOCAL lock_timeout = 0`);
  await transaction.rows(sql`SET LOCAL statement_timeout = 0`);
  await transaction.rows(sql`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`);
  // Citus sends these to every worker even where nothing is to be made, and a server starts while one is down.
  if (!(await wasMigrated(transaction))) {
    await transaction.rows(sql`CREATE SCHEMA IF NOT EXISTS drizzle`);
    await transaction.rows(
      sql`CREATE TABLE drizzle.__drizzle_migrations (id serial PRIMARY KEY, hash text NOT NULL, created_at bigint)`,
    );
  }
  const pending = await pendingMigrations(transaction);
  const wanted = only === undefined ? pending : pending.filter(({ hash }) => only.includes(hash));
  for (const migration of wanted) await apply(transaction, migration);
  // A table that a migration makes is on the coordinator alone.
  if (isOnMachines && wanted.length > 0) await distributeTables(transaction);
  return wanted.length;
}

/** The hashes of the migrations that the database has, in their order; none where it was never migrated. */
export async function appliedMigrations(executor: Executor): Promise<string[]> {
  if (!(await wasMigrated(executor))) return [];
  const rows = await executor.read<{ hash: string }>(sql`SELECT hash FROM drizzle.__drizzle_migrations ORDER BY id`);
  return rows.map(({ hash }) => hash);
}

async function wasMigrated(executor: Executor): Promise<boolean> {
  const [row] = await executor.read<{ exists: boolean }>(
    sql`SELECT to_regclass('drizzle.__drizzle_migrations') IS NOT NULL AS exists`,
  );
  return row?.exists === true;
}

/** Whether this version has all of the migrations: a later one may have made tables and columns that it does not know. */
export function knowsMigrations(hashes: readonly string[]): boolean {
  const known = new Set(allMigrations().map(({ hash }) => hash));
  return hashes.every((hash) => known.has(hash));
}

/** Whether all migrations of this version have been applied; false while there is no schema at all. */
export async function isMigrated(database: Database): Promise<boolean> {
  return (await countPendingMigrations(database)) === 0;
}

/** The number of this version's migrations that the database lacks. */
export async function countPendingMigrations(database: Database): Promise<number> {
  return (await pendingMigrations(database)).length;
}

// Read once: they do not change while the process lives, and readiness needs them every few seconds.
let migrations: MigrationMeta[] | undefined;

function allMigrations(): MigrationMeta[] {
  migrations ??= readMigrationFiles({ migrationsFolder: MIGRATIONS_FOLDER });
  return migrations;
}

async function pendingMigrations(executor: Executor): Promise<MigrationMeta[]> {
  const hashes = new Set(await appliedMigrations(executor));
  return allMigrations().filter((migration) => !hashes.has(migration.hash));
}

async function apply(transaction: Executor, migration: MigrationMeta): Promise<void> {
  for (const statement of migration.sql) await transaction.rows(sql.raw(withoutTableNames(statement)));
  await transaction.rows(
    sql`INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES (${migration.hash}, ${migration.folderMillis})`,
  );
}

/**
 * A new CHECK with its columns alone, where Drizzle puts the table's name ahead of each: Citus hands the text on to shards, which
 * have other names.
 */
function withoutTableNames(statement: string): string {
  const [, table] = /\bALTER TABLE ("\w+") ADD CONSTRAINT "\w+" CHECK\b/.exec(statement) ?? [];
  return table === undefined ? statement : statement.replaceAll(`${table}."`, '"');
}
