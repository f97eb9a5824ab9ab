import { type SQL, sql } from "drizzle-orm";
import type { Database } from "../database/client.ts";
import type { Executor } from "../database/executor.ts";
import { isVisible, type Scope } from "../sql/scope.ts";
import { conversationHeads, conversations } from "../tables/conversations.ts";
import { notifyChanged } from "../watch/change-feed.ts";
import { removeConversations } from "./remove-conversations.ts";
import { type Writer, writeTransaction } from "./write-transaction.ts";

/** Which conversations of a scope are deleted: those that fulfil every condition given. */
export interface Deletion {
  /** Those of the agent, and of its version where one is named. */
  agent?: { name: string; version: string | null } | null;
  /** Those to which nothing was written for so many seconds, by the clock of the database. */
  idleSeconds?: number | null;
}

const CONVERSATIONS_AT_A_TIME = 200;

/**
 * Deletes the conversations that the scope sees, or of them those of the deletion, with all that is theirs, some hundreds in a
 * transaction at a time. Reports the total after each, and resolves to it. What is deleted stays deleted when the signal ends
 * the work.
 */
export async function deleteAll(
  database: Database,
  scope: Scope,
  signal: AbortSignal,
  onDeleted: (total: number) => void,
  deletion: Deletion = {},
): Promise<number> {
  let total = 0;
  while (!signal.aborted) {
    const deleted = await writeTransaction(database, scope.projectId, async (writer) => {
      // Callers that write to one of the conversations at this moment go first.
      await writer.rows(sql`SET LOCAL lock_timeout = '30s'`);
      await writer.rows(sql`SET LOCAL statement_timeout = '60s'`);
      return deleteSome(writer, scope, deletion, CONVERSATIONS_AT_A_TIME);
    });
    if (deleted === 0) break;
    total += deleted;
    onDeleted(total);
  }
  return total;
}

/** How many conversations the deletion would delete. Reads the scope's heads that may be meant. */
export async function countDeletable(executor: Executor, scope: Scope, deletion: Deletion): Promise<number> {
  const ofAgent = sql`JOIN ${conversations} c ON c.project_id = ${scope.projectId} AND c.id = h.conversation_id`;
  const [row] = await executor.read<{ count: number }>(sql`
    SELECT count(*)::integer AS count FROM ${conversationHeads} h ${deletion.agent ? ofAgent : sql``}
    WHERE ${isVisible(scope, "h")} AND ${isMeant(deletion)}`);
  return row?.count ?? 0;
}

/**
 * Deletes up to so many conversations of the deletion, those without a write for longest first, and notifies their watchers;
 * resolves to their number. With SKIP LOCKED it passes over those that are being written to.
 */
export async function deleteSome(
  writer: Writer,
  scope: Scope,
  deletion: Deletion,
  atATime: number,
  waiting: "" | "SKIP LOCKED" = "",
): Promise<number> {
  // In one order for all who delete, so that two of them cannot wait for each other.
  const which = sql`${isMeant(deletion)} ORDER BY h.updated_at, h.conversation_id LIMIT ${atATime}`;
  const ids = await removeConversations(writer, scope, which, waiting);
  await notifyChanged(writer, scope.projectId, ids);
  return ids.length;
}

/** The condition on heads `h`, and for an agent on their conversations `c`. A change of the metadata is a write, too. */
function isMeant({ agent = null, idleSeconds = null }: Deletion): SQL {
  const before = sql`now() - make_interval(secs => ${idleSeconds}::double precision)`;
  const conditions = [
    ...(idleSeconds === null ? [] : [sql`h.updated_at < ${before}`, sql`coalesce(h.described_at < ${before}, true)`]),
    ...(agent === null ? [] : [sql`c.agent_name = ${agent.name}`]),
    ...(agent === null || agent.version === null ? [] : [sql`c.agent_version = ${agent.version}`]),
  ];
  return conditions.length === 0 ? sql`true` : sql.join(conditions, sql` AND `);
}
