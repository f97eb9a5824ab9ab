import { type SQL, sql } from "drizzle-orm";

import { together } from "../database/together.ts";
import { toMilliseconds } from "../sql/instants.ts";
import { textArray } from "../sql/parameters.ts";
import { isVisible, type Scope } from "../sql/scope.ts";
import { conversationHeads, conversations } from "../tables/conversations.ts";
import { deletedConversations } from "../tables/deleted-conversations.ts";
import { importedIds } from "../tables/identities.ts";
import { turns } from "../tables/turns.ts";
import type { Counted } from "./change-counts.ts";
import type { Writer } from "./write-transaction.ts";

/**
 * Removes the conversations of the scope that the condition on heads (`h`), with an order and a limit, lets through, with
 * all that is theirs, and enters that they were deleted; resolves to their ids. With SKIP LOCKED it leaves those that another
 * writer has locked. Four statements, or one where there are none.
 */
export async function removeConversations(
  writer: Writer,
  scope: Scope,
  which: SQL,
  waiting: "" | "SKIP LOCKED" = "",
): Promise<string[]> {
  const { projectId } = scope;
  // The heads first, as every writer locks them first: two of them cannot wait for each other. The conversations too:
  // without that lock, another program could add a turn to one between the two statements below.
  const found = await writer.rows<Counted & { id: string }>(sql`
    SELECT c.id, c.isolation_key AS "isolationKey", c.agent_name AS "agentName", c.agent_version AS "agentVersion",
      ${toMilliseconds(sql`c.created_at`)} AS "createdAt"
    FROM ${conversationHeads} h JOIN ${conversations} c ON c.project_id = ${projectId} AND c.id = h.conversation_id
    WHERE ${isVisible(scope, "h")} AND ${which} FOR UPDATE OF h, c ${sql.raw(waiting)}`);
  const ids = found.map(({ id }) => id);
  if (ids.length === 0) return ids;
  await together([
    writer.rows(sql`
      DELETE FROM ${importedIds} WHERE project_id = ${projectId} AND id IN (
        SELECT t.id FROM ${turns} t
        WHERE t.project_id = ${projectId} AND t.conversation_id = ANY(${textArray(ids)}) AND NOT starts_with(t.id, 'turn_'))`),
    writer.rows(sql`DELETE FROM ${conversations} WHERE project_id = ${projectId} AND id = ANY(${textArray(ids)})`),
    writer.rows(enterDeleted(projectId, found)),
  ]);
  writer.freeIds("conversation", ids);
  writer.count(found, -1);
  return ids;
}

function enterDeleted(projectId: string, deleted: readonly (Pick<Counted, "isolationKey"> & { id: string })[]): SQL {
  const rows = deleted.map(({ id, isolationKey }) => sql`(${projectId}, ${id}, ${isolationKey}, now())`);
  return sql`
    INSERT INTO ${deletedConversations} (project_id, conversation_id, isolation_key, deleted_at)
    VALUES ${sql.join(rows, sql`, `)}
    ON CONFLICT (project_id, conversation_id)
    DO UPDATE SET isolation_key = excluded.isolation_key, deleted_at = excluded.deleted_at`;
}
