import { sql } from "drizzle-orm";
import type { Database } from "../database/client.ts";
import type { Scope } from "../sql/scope.ts";
import { notifyChanged } from "../watch/change-feed.ts";
import { removeConversations } from "./remove-conversations.ts";
import { type Writer, writeTransaction } from "./write-transaction.ts";

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
    const deleted = await writeTransaction(database, scope.projectId, (writer) => deleteSome(writer, scope));
    if (deleted === 0) break;
    total += deleted;
    onDeleted(total);
  }
  return total;
}

async function deleteSome(writer: Writer, scope: Scope): Promise<number> {
  // Callers that write to one of the conversations at this moment go first.
  await writer.rows(sql`SET LOCAL lock_timeout = '30s'`);
  await writer.rows(sql`SET LOCAL statement_timeout = '60s'`);
  const which = sql`true ORDER BY h.conversation_id LIMIT ${CONVERSATIONS_AT_A_TIME}`;
  const ids = await removeConversations(writer, scope, which);
  await notifyChanged(writer, scope.projectId, ids);
  return ids.length;
}
