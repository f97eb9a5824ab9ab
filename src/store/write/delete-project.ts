import { sql } from "drizzle-orm";

import type { Database } from "../database/client.ts";
import type { Executor } from "../database/executor.ts";
import { notifyKeysChanged } from "../keys/keys.ts";
import { conversationCounts } from "../tables/conversation-counts.ts";
import { conversations } from "../tables/conversations.ts";
import { deletedConversations } from "../tables/deleted-conversations.ts";
import { importedIds } from "../tables/identities.ts";
import { keys, projects } from "../tables/projects.ts";
import { deleteAll } from "./delete-all.ts";

/** The project has all keys of the database: without any, a server that starts would be open. */
export class OnlyKeysError extends Error {
  override readonly name = "OnlyKeysError";
}

/**
 * Deletes the project with its keys and conversations, and all that names it; resolves to the numbers of both. The keys go
 * first, so that nothing more is written; reports the total of conversations. Throws OnlyKeysError, with nothing deleted, for a
 * project that has the only keys. What is deleted stays deleted when the signal ends the work. With `keepsRow` the project
 * itself stays, without anything in it, and what watchers of its list are told of the deleted conversations.
 */
export async function deleteProject(
  database: Database,
  projectId: string,
  keepsRow: boolean,
  signal: AbortSignal,
  onDeleted: (total: number) => void,
): Promise<{ conversations: number; keys: number }> {
  const removedKeys = await database.transaction((transaction) => removeKeys(transaction, projectId));
  const scope = { projectId, isolationKey: null };
  let total = 0;
  let isOver = false;
  // A writer that was let in before may have added one in between.
  while (!isOver && !signal.aborted) {
    const before = total;
    total += await deleteAll(database, scope, signal, (more) => onDeleted(before + more));
    if (signal.aborted) break;
    isOver = await database.transaction((transaction) => removeRest(transaction, projectId, keepsRow));
  }
  return { conversations: total, keys: removedKeys };
}

/** Removes the project's keys, in whatever state; resolves to their number. */
async function removeKeys(transaction: Executor, projectId: string): Promise<number> {
  // No other project's key may be taken away in between, nor one created.
  await transaction.rows(sql`LOCK TABLE ${keys} IN SHARE ROW EXCLUSIVE MODE`);
  const [row] = await transaction.rows<{ own: number; others: number }>(sql`
    SELECT count(*) FILTER (WHERE project_id = ${projectId})::integer AS own,
      count(*) FILTER (WHERE project_id <> ${projectId})::integer AS others FROM ${keys}`);
  const { own = 0, others = 0 } = row ?? {};
  if (own === 0) return 0;
  if (others === 0) throw new OnlyKeysError("The project has the only keys of the database.");
  await transaction.rows(sql`DELETE FROM ${keys} WHERE project_id = ${projectId}`);
  await notifyKeysChanged(transaction);
  return own;
}

/** Removes what is left of a project without conversations; resolves to false where it has some again. */
async function removeRest(transaction: Executor, projectId: string, keepsRow: boolean): Promise<boolean> {
  // A new conversation refers to the row, and waits for this transaction.
  await transaction.rows(sql`SELECT id FROM ${projects} WHERE id = ${projectId} FOR UPDATE`);
  const left = await transaction.rows(
    sql`SELECT 1 AS one FROM ${conversations} WHERE project_id = ${projectId} LIMIT 1`,
  );
  if (left.length > 0) return false;
  for (const table of [conversationCounts, importedIds]) {
    await transaction.rows(sql`DELETE FROM ${table} WHERE project_id = ${projectId}`);
  }
  if (keepsRow) return true;
  await transaction.rows(sql`DELETE FROM ${deletedConversations} WHERE project_id = ${projectId}`);
  await transaction.rows(sql`DELETE FROM ${projects} WHERE id = ${projectId}`);
  return true;
}
