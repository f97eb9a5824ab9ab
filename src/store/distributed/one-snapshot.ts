import { sql } from "drizzle-orm";

import type { Database } from "../database/client.ts";
import type { Executor } from "../database/executor.ts";
import { PROJECTS } from "./local-objects.ts";

/** A table of every way in which tables are kept: on all machines, on the coordinator, distributed. */
const KINDS_OF_TABLES = [PROJECTS, "keys", "conversations"];

/**
 * Gives the transaction one snapshot on each machine, with the same projects in all of them: ahead of the first statement of
 * a REPEATABLE READ transaction on a distributed database. The rows of a project are on one machine, and so of one moment;
 * those of two machines are some milliseconds apart. For that time no project is created or deleted: both wait. Rejects with
 * 55P03 where another transaction holds `projects` for longer than the lock timeout.
 */
export async function fixSnapshots(database: Database, transaction: Executor): Promise<void> {
  // The first statement that reads a table of a machine begins a transaction there, of the same isolation. The later ones stay
  // in it: Citus may open no second connection to a machine, nor read a table in the coordinator's own session.
  await transaction.rows(sql`SET LOCAL citus.max_adaptive_executor_pool_size = 1`);
  await transaction.rows(sql`SET LOCAL citus.enable_local_execution = off`);
  await database.transaction(async (holder) => {
    await holder.rows(sql`LOCK TABLE ${sql.identifier(PROJECTS)} IN SHARE MODE`);
    for (const table of KINDS_OF_TABLES) {
      await transaction.rows(sql`SELECT 1 AS one FROM ${sql.identifier(table)} LIMIT 1`);
    }
  });
}
