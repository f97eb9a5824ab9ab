import { type SQL, sql } from "drizzle-orm";

import type { Database } from "../../src/store/database/client.ts";

/** Runs a statement that creates a trigger, on whatever machines its table is. */
export async function createTrigger(database: Database, statement: SQL): Promise<void> {
  await database.transaction(async (transaction) => {
    // Citus takes a trigger on a distributed table only so; PostgreSQL alone takes the setting for one that it does not know.
    await transaction.rows(sql`SET LOCAL citus.enable_unsafe_triggers = on`);
    await transaction.rows(statement);
  });
}
