import { type SQL, sql } from "drizzle-orm";

import type { Executor } from "../database/executor.ts";

/** What a table holds its rows to. */
interface Rule {
  table: string;
  name: string;
  /** The statement that makes it, for a trigger; the constraint's part of one, for a constraint. */
  definition: string;
}

/** The kinds of rules that are dropped beside triggers. */
interface Dropped {
  /** The foreign keys of the tables and to them as well. */
  foreignKeys: boolean;
}

/**
 * Does the work while the tables let rows through as they once were: without the program's triggers, which would change
 * them, and without the rules that a migration made for later rows alone (NOT VALID), which some of them may break. All are
 * back afterwards. Within a transaction, which has to lock the tables; for rows that a database held before.
 */
export async function withoutRules<Result>(
  transaction: Executor,
  tables: SQL,
  work: () => Promise<Result>,
  dropped: Dropped = { foreignKeys: false },
): Promise<Result> {
  const triggers = await readTriggers(transaction, tables);
  const constraints = await readConstraints(transaction, tables, dropped);
  const alter = (table: string, change: SQL) => transaction.rows(sql`ALTER TABLE ${sql.identifier(table)} ${change}`);
  for (const { table, name } of triggers) {
    await transaction.rows(sql`DROP TRIGGER ${sql.identifier(name)} ON ${sql.identifier(table)}`);
  }
  for (const { table, name } of constraints) await alter(table, sql`DROP CONSTRAINT ${sql.identifier(name)}`);
  const result = await work();
  for (const { table, name, definition } of constraints) {
    await alter(table, sql`ADD CONSTRAINT ${sql.identifier(name)} ${sql.raw(definition)}`);
  }
  for (const { definition } of triggers) await transaction.rows(sql.raw(definition));
  return result;
}

function readTriggers(transaction: Executor, tables: SQL): Promise<Rule[]> {
  return transaction.rows<Rule>(sql`
    SELECT t.relname AS table, g.tgname AS name, pg_get_triggerdef(g.oid) AS definition
    FROM pg_trigger g JOIN pg_class t ON t.oid = g.tgrelid
    WHERE t.relnamespace = 'public'::regnamespace AND t.relname = ANY(${tables}) AND NOT g.tgisinternal
    ORDER BY t.relname, g.tgname`);
}

function readConstraints(transaction: Executor, tables: SQL, { foreignKeys }: Dropped): Promise<Rule[]> {
  return transaction.rows<Rule>(sql`
    SELECT t.relname AS table, c.conname AS name, pg_get_constraintdef(c.oid) AS definition
    FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid LEFT JOIN pg_class target ON target.oid = c.confrelid
    WHERE t.relnamespace = 'public'::regnamespace
      AND CASE c.contype
        WHEN 'c' THEN t.relname = ANY(${tables}) AND NOT c.convalidated
        WHEN 'f' THEN ${foreignKeys} AND (t.relname = ANY(${tables}) OR target.relname = ANY(${tables}))
      END
    ORDER BY t.relname, c.conname`);
}
