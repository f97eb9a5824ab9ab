import { sql } from "drizzle-orm";

import { notFound } from "../../model/errors.ts";
import type { Database } from "../database/client.ts";
import type { Executor } from "../database/executor.ts";
import { storedTurnColumns, type TurnRow, turnColumns } from "../read/turns.ts";
import { json } from "../sql/parameters.ts";
import type { Scope } from "../sql/scope.ts";
import { selectList } from "../sql/select-list.ts";
import { turns } from "../tables/turns.ts";
import { changePairs, type PairsChange } from "./change-pairs.ts";
import { foldTurn } from "./join-turn.ts";
import { countRevision } from "./lock-head.ts";
import { lockTurn, noteOpenTurn } from "./update-turn.ts";

/**
 * Changes pairs of a turn's metadata, whatever the turn's state; answers the turn. It counts as a change of the turn. One
 * transaction that does not touch what a turn says that streams no text: of two callers that change different pairs both win. NOT_FOUND for a
 * turn that the scope does not see, BAD_USER_INPUT for too many pairs.
 */
export async function setTurnMetadata(
  database: Database,
  scope: Scope,
  id: string,
  change: PairsChange,
): Promise<TurnRow> {
  return database.transaction(async (transaction) => {
    if (!(await lockTurn(transaction, scope, id))) throw notFound("turn", "input.id");
    const [known] = await transaction.rows<
      Pick<TurnRow, "conversationId" | "metadata" | "state" | "revision"> & {
        chunksAfter: number | null;
        itemsAfter: number | null;
      }
    >(sql`
      SELECT t.conversation_id AS "conversationId", t.metadata, t.chunks_after AS "chunksAfter", t.items_after AS "itemsAfter",
        t.state, ${turnColumns(scope).revision.sql} AS revision
      FROM ${turns} t WHERE t.project_id = ${scope.projectId} AND t.id = ${id}`);
    if (known === undefined) throw new Error("A locked turn disappeared.");
    const metadata = changePairs(known.metadata, change, "input.set");
    if (known.chunksAfter !== null) return noteOpenTurn(transaction, scope, id, metadata);
    // The chunks of items are of the turn's former revision.
    await foldTurn(transaction, scope, { ...known, id }, null);
    return writeMetadata(transaction, scope, { ...known, id }, metadata);
  });
}

async function writeMetadata(
  transaction: Executor,
  scope: Scope,
  { id, conversationId }: Pick<TurnRow, "id" | "conversationId">,
  metadata: Record<string, string>,
): Promise<TurnRow> {
  const { projectId } = scope;
  const revision = await countRevision(transaction, scope, conversationId);
  const [changed] = await transaction.rows<TurnRow>(sql`
    UPDATE ${turns} t SET revision = ${revision}, metadata = ${json(metadata)}
    WHERE t.project_id = ${projectId} AND t.id = ${id}
    RETURNING 'turn' AS kind, t.id, ${selectList(storedTurnColumns())}`);
  if (changed === undefined) throw new Error("A locked turn disappeared.");
  return changed;
}
