import { sql } from "drizzle-orm";

import type { Executor } from "../database/executor.ts";
import { conversations } from "../tables/conversations.ts";

/** Whether any conversation is stored, in whatever project. One statement, which reads a row at most. */
export async function hasConversations(executor: Executor): Promise<boolean> {
  const rows = await executor.rows(sql`SELECT 1 AS one FROM ${conversations} LIMIT 1`);
  return rows.length > 0;
}
