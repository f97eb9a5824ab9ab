import { type SQL, sql } from "drizzle-orm";

import { brokenRule } from "../../src/model/broken-rule.ts";
import type { Database } from "../../src/store/database/client.ts";

export type Row = Record<string, string | number | boolean | null>;

/** Inserts one row. */
export function insert(table: string, row: Row): SQL {
  const columns = Object.keys(row).map((name) => sql.identifier(name));
  const values = Object.values(row).map((value) => sql`${value}`);
  return sql`INSERT INTO ${sql.identifier(table)} (${sql.join(columns, sql`, `)}) VALUES (${sql.join(values, sql`, `)})`;
}

class RolledBack extends Error {}

/** The constraint that refuses the statement; null when none does. Leaves no trace either way. */
export async function violatedBy(database: Database, statement: SQL): Promise<string | null> {
  const refusal = await refusalOf(database, statement);
  return refusal === null ? null : (brokenRule(refusal).constraint ?? null);
}

/** The error of the constraint that refuses the statement; null when none does. Leaves no trace either way. */
export async function refusalOf(database: Database, statement: SQL): Promise<Error | null> {
  try {
    await database.transaction(async (transaction) => {
      await transaction.rows(statement);
      throw new RolledBack();
    });
  } catch (error) {
    if (error instanceof RolledBack) return null;
    if (error instanceof Error && brokenRule(error).constraint !== undefined) return error;
    throw error;
  }
  return null;
}
