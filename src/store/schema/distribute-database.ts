import { sql } from "drizzle-orm";

import type { Database } from "../database/client.ts";
import { beginDistributing, distributeTables, findTables } from "../distributed/distribute-tables.ts";
import { textArray } from "../sql/parameters.ts";
import { applyMigrations } from "./migrate.ts";

/** What is stored in the tables to distribute. */
export interface TableSizes {
  /** As PostgreSQL estimates them. */
  rows: number;
  /** Indexes included. */
  bytes: number;
  /** The bytes of each table. */
  tables: Map<string, number>;
}

/** The tables that are on the coordinator alone, with their sizes. For a database with Citus. */
export async function measureTables(database: Database): Promise<TableSizes> {
  const found = await database.read<{ name: string; rows: number; bytes: number }>(sql`
    SELECT relname AS name, greatest(reltuples, pg_stat_get_live_tuples(oid), 0)::float8 AS rows,
      pg_total_relation_size(oid)::float8 AS bytes
    FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relname = ANY(${textArray(await findTables(database))})`);
  return {
    rows: found.reduce((sum, { rows }) => sum + rows, 0),
    bytes: found.reduce((sum, { bytes }) => sum + bytes, 0),
    tables: new Map(found.map(({ name, bytes }) => [name, bytes])),
  };
}

/**
 * Distributes all tables in one transaction, for which everything else that uses the database waits. Calls `onTable` ahead of
 * each table. Rejects with 55P03 where another transaction holds a table for three seconds.
 */
export async function distributeDatabase(database: Database, onTable: (name: string) => void): Promise<void> {
  await database.copyTransaction("write", async (transaction) => {
    // Of a program that was killed nothing may go on: it would hold its locks until the table under way is copied.
    await transaction.rows(sql`SET LOCAL client_connection_check_interval = '1s'`);
    await beginDistributing(transaction);
    // A server that starts waits here.
    await applyMigrations(transaction);
    // Requests queue behind a lock that is waited for.
    await transaction.rows(sql`SET LOCAL lock_timeout = '3s'`);
    const tables = (await findTables(transaction)).map((name) => sql.identifier(name));
    await transaction.rows(sql`LOCK TABLE ${sql.join(tables, sql`, `)} IN ACCESS EXCLUSIVE MODE`);
    await distributeTables(transaction, onTable);
  });
  // The workers know nothing of their tables yet, and plan by that.
  await database.copyTransaction("write", (transaction) => transaction.rows(sql`ANALYZE`));
}
