import { sql } from "drizzle-orm";

import type { Scope } from "../sql/scope.ts";
import { items } from "../tables/items.ts";
import { turns } from "../tables/turns.ts";
import { keepDeleted } from "./delete-turn.ts";
import { moveBack } from "./item-rows.ts";
import type { LockedHead } from "./lock-head.ts";
import type { Writer } from "./write-transaction.ts";

/**
 * Deletes the turns at the end of the locked conversation that have no items left; answers how many turns there are then,
 * and the revision: each such turn counts one, by which watchers see it. One statement, and four for each such turn.
 */
export async function removeEmptyTurns(
  writer: Writer,
  scope: Scope,
  { conversationId, turnCount, ...head }: LockedHead,
): Promise<{ turnCount: number; revision: number }> {
  const { projectId } = scope;
  let { revision } = head;
  for (let position = turnCount; position > 0; position -= 1) {
    const [empty] = await writer.rows<{ id: string }>(sql`
      SELECT t.id FROM ${turns} t
      WHERE t.project_id = ${projectId} AND t.conversation_id = ${conversationId} AND t.position = ${position} AND t.of_items
        AND NOT EXISTS (
          SELECT 1 FROM ${items} i WHERE i.project_id = ${projectId} AND i.conversation_id = ${conversationId}
            AND i.position = ${position} AND i.fragments IS NOT NULL
        )`);
    if (empty === undefined) return { turnCount: position, revision };
    await moveBack(writer, scope, conversationId, position);
    revision += 1;
    await keepDeleted(writer, scope, empty.id, revision);
    await writer.rows(sql`DELETE FROM ${turns} WHERE project_id = ${projectId} AND id = ${empty.id}`);
    writer.freeIds("turn", [empty.id]);
  }
  return { turnCount: 0, revision };
}
