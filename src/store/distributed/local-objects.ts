import { sql } from "drizzle-orm";

import type { Executor } from "../database/executor.ts";

/** The table that every machine has a copy of: the others refer to its rows. */
export const PROJECTS = "projects";

/**
 * The tables of projects that are on the coordinator alone: those whose primary key has the project in it. What is looked up
 * without a project, as a key by its hash, has another one, and stays.
 */
export async function findLocalTables(executor: Executor): Promise<string[]> {
  const rows = await executor.rows<{ name: string }>(sql`
    SELECT t.relname AS name
    FROM pg_class t
    JOIN pg_index i ON i.indrelid = t.oid AND i.indisprimary
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = 'project_id' AND a.attnum = ANY(i.indkey)
    WHERE t.relnamespace = 'public'::regnamespace AND t.relkind = 'r'
      AND NOT EXISTS (SELECT 1 FROM pg_dist_partition p WHERE p.logicalrelid = t.oid AND p.partmethod = 'h')
    ORDER BY t.relname`);
  return rows.map(({ name }) => name);
}

/** Whether every machine has a copy of the table. */
export async function isReferenceTable(executor: Executor, table: string): Promise<boolean> {
  const rows = await executor.rows(sql`
    SELECT 1 AS one FROM pg_dist_partition
    WHERE logicalrelid = ${table}::regclass AND partmethod = 'n' AND repmodel = 't'`);
  return rows.length > 0;
}

/**
 * The functions of the program that only the coordinator has, in the order in which they were made. Citus sends those that
 * tables depend on by itself, and those of statements as searches not. Triggers bring their own.
 */
export async function findLocalFunctions(executor: Executor): Promise<string[]> {
  const rows = await executor.rows<{ name: string }>(sql`
    SELECT p.oid::regprocedure::text AS name
    FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace AND p.prorettype <> 'trigger'::regtype
      AND NOT EXISTS (
        SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
      )
      AND NOT EXISTS (
        SELECT 1 FROM pg_dist_object o WHERE o.classid = 'pg_proc'::regclass AND o.objid = p.oid
      )
    ORDER BY p.oid`);
  return rows.map(({ name }) => name);
}
