import { sql } from "drizzle-orm";

import type { Executor } from "../database/executor.ts";
import { textArray } from "../sql/parameters.ts";

/**
 * Does the work while the tables let rows through as they once were: without the program's triggers, which would change
 * them, and without the rules that a migration made for later rows alone (NOT VALID), which some of them may break. Both are
 * back afterwards. Within a transaction, which has to lock the tables; for rows that a database held before.
 */
export async function withoutRules<Result>(
  transaction: Executor,
  tables: readonly string[],
  work: () => Promise<Result>,
): Promise<Result> {
  const rules = await transaction.rows<{ table: string; name: string; definition: string }>(sql`
    SELECT t.relname AS table, c.conname AS name, pg_get_constraintdef(c.oid) AS definition
    FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
    WHERE t.relnamespace = 'public'::regnamespace AND t.relname = ANY(${textArray(tables)})
      AND c.contype = 'c' AND NOT c.convalidated ORDER BY t.relname, c.conname`);
  const alter = (table: string, change: ReturnType<typeof sql>) =>
    transaction.rows(sql`ALTER TABLE ${sql.identifier(table)} ${change}`);
  for (const { table, name } of rules) await alter(table, sql`DROP CONSTRAINT ${sql.identifier(name)}`);
  for (const table of tables) await alter(table, sql`DISABLE TRIGGER USER`);
  const result = await work();
  for (const table of tables) await alter(table, sql`ENABLE TRIGGER USER`);
  for (const { table, name, definition } of rules) {
    await alter(table, sql`ADD CONSTRAINT ${sql.identifier(name)} ${sql.raw(definition)}`);
  }
  return result;
}
