import { sql } from "drizzle-orm";

import type { Executor } from "../../../src/store/database/executor.ts";

/** The names of functions that are volatile, and of those that are not immutable, in all their forms. */
export interface FunctionNames {
  volatile: string[];
  notImmutable: string[];
}

/** The functions that PostgreSQL and the migrations bring. One statement. */
export async function readFunctions(executor: Executor): Promise<FunctionNames> {
  const functions = await executor.read<{ name: string; isVolatile: boolean }>(sql`
    SELECT proname AS name, bool_and(provolatile = 'v') AS "isVolatile" FROM pg_proc
    GROUP BY proname HAVING bool_and(provolatile <> 'i')`);
  return {
    volatile: functions.flatMap(({ name, isVolatile }) => (isVolatile ? [name] : [])),
    notImmutable: functions.map(({ name }) => name),
  };
}

/** The names of the columns that are instants, of all tables. One statement. */
export async function readInstants(executor: Executor): Promise<string[]> {
  const columns = await executor.read<{ name: string }>(sql`
    SELECT DISTINCT column_name::text AS name FROM information_schema.columns
    WHERE table_schema = 'public' AND data_type = 'timestamp with time zone'`);
  return columns.map(({ name }) => name);
}
