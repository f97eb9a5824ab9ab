import { sql } from "drizzle-orm";

import type { Executor } from "../database/executor.ts";

/**
 * Lets the session plan its statements for the sizes that the tables have by now: one statement, to be sent ahead of many rows.
 * PostgreSQL plans the check of a foreign key once in a session. Among a few hundred rows each index that holds the key costs it
 * the same; one that is led by other columns than the key is kept as well, and each check then walks through more of it, the more
 * conversations there are, until the table is analyzed.
 */
export async function planAgain(transaction: Executor): Promise<void> {
  await transaction.rows(sql`DISCARD PLANS`);
}
