import { sql } from "drizzle-orm";

import type { Executor } from "../database/executor.ts";

/** Whether the database has the extension Citus. One statement. */
export async function hasCitus(executor: Executor): Promise<boolean> {
  const [row] = await executor.read<{ exists: boolean }>(
    sql`SELECT to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL AS exists`,
  );
  return row?.exists === true;
}

/** Whether Citus keeps the tables on several machines, distributed by project. One statement on plain PostgreSQL, else two. */
export async function isDistributed(executor: Executor): Promise<boolean> {
  if (!(await hasCitus(executor))) return false;
  const [row] = await executor.read<{ exists: boolean }>(sql`
    SELECT EXISTS (
      SELECT 1 FROM pg_dist_partition
      WHERE logicalrelid = to_regclass('public.conversations')::oid AND partmethod = 'h'
    ) AS exists`);
  return row?.exists === true;
}
