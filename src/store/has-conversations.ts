import { sql } from "drizzle-orm";

import type { Executor } from "./client.ts";

/** Whether there is any conversation, of any project. */
export async function hasConversations(executor: Executor): Promise<boolean> {
  const [row] = await executor.rows<{ found: boolean }>(sql`SELECT EXISTS (SELECT FROM conversations) AS found`);
  return row?.found === true;
}
