import { sql } from "drizzle-orm";

import { notifyChanged } from "./changes.ts";
import type { Database } from "./client.ts";
import { countConversations } from "./read-conversations.ts";
import { conversations } from "./tables.ts";

const CONVERSATIONS_AT_A_TIME = 200;

/** How many conversations the user has in the project. */
export async function countOfUser(database: Database, projectId: string, isolationKey: string): Promise<number> {
  return countConversations(database, { projectId, isolationKey }, {});
}

/**
 * Deletes every conversation of the user in the project, with turns, some hundreds in a transaction at a time; tells after
 * each how many are gone, and resolves to the number in all. What is deleted stays so when it is interrupted.
 */
export async function deleteOfUser(
  database: Database,
  projectId: string,
  isolationKey: string,
  signal: AbortSignal,
  onDeleted: (total: number) => void,
): Promise<number> {
  let total = 0;
  while (!signal.aborted) {
    const deleted = await database.transaction(async (transaction) => {
      const rows = await transaction.rows<{ id: string }>(sql`
        DELETE FROM ${conversations} WHERE project_id = ${projectId} AND id IN (
          SELECT id FROM ${conversations} WHERE project_id = ${projectId} AND isolation_key = ${isolationKey}
          LIMIT ${CONVERSATIONS_AT_A_TIME}
        ) RETURNING id`);
      const ids = rows.map(({ id }) => id);
      await notifyChanged(transaction, projectId, ids);
      return ids.length;
    });
    if (deleted === 0) break;
    total += deleted;
    onDeleted(total);
  }
  return total;
}
