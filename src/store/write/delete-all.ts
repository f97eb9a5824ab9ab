import { sql } from "drizzle-orm";
import type { Database } from "../database/client.ts";
import type { Executor } from "../database/executor.ts";
import { isVisible, type Scope } from "../sql/scope.ts";
import { conversationHeads, conversations } from "../tables/conversations.ts";
import { notifyChanged } from "../watch/change-feed.ts";

const CONVERSATIONS_AT_A_TIME = 200;

/**
 * Deletes every conversation that the scope sees, with its turns, some hundreds in a transaction at a time. Reports the total
 * after each, and resolves to it. What is deleted stays deleted when the signal ends the work.
 */
export async function deleteAll(
  database: Database,
  scope: Scope,
  signal: AbortSignal,
  onDeleted: (total: number) => void,
): Promise<number> {
  let total = 0;
  while (!signal.aborted) {
    const deleted = await database.transaction((transaction) => deleteSome(transaction, scope));
    if (deleted === 0) break;
    total += deleted;
    onDeleted(total);
  }
  return total;
}

async function deleteSome(transaction: Executor, scope: Scope): Promise<number> {
  // Callers that write to one of the conversations at this moment go first.
  await transaction.rows(sql`SET LOCAL lock_timeout = '30s'`);
  await transaction.rows(sql`SET LOCAL statement_timeout = '60s'`);
  // The heads first, as every writer locks them first: two of them cannot wait for each other.
  const rows = await transaction.rows<{ id: string }>(sql`
    WITH h AS (
      SELECT h.project_id, h.conversation_id FROM ${conversationHeads} h WHERE ${isVisible(scope, "h")}
      ORDER BY h.conversation_id LIMIT ${CONVERSATIONS_AT_A_TIME} FOR UPDATE
    )
    DELETE FROM ${conversations} c USING h
    WHERE c.project_id = h.project_id AND c.id = h.conversation_id RETURNING c.id`);
  const ids = rows.map(({ id }) => id);
  await notifyChanged(transaction, scope.projectId, ids);
  return ids.length;
}
