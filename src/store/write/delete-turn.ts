import { getTableColumns, sql } from "drizzle-orm";

import { ApiError, notFound } from "../../model/errors.ts";
import type { Database } from "../database/client.ts";
import { turnColumns } from "../read/turns.ts";
import type { Scope } from "../sql/scope.ts";
import { TURN_BYTES } from "../sql/turn-bytes.ts";
import { namesOf, writtenColumns } from "../sql/written-columns.ts";
import { conversationHeads } from "../tables/conversations.ts";
import { deletedTurns } from "../tables/deleted-turns.ts";
import { projects } from "../tables/projects.ts";
import { turns } from "../tables/turns.ts";
import { removeItems } from "./item-rows.ts";
import { lockTurn } from "./update-turn.ts";
import { type Writer, writeTransaction } from "./write-transaction.ts";

/**
 * Deletes the last turn of a conversation, in whatever state; answers the conversation's id. Its last state is kept for
 * watchers: see `deletedTurns`. One transaction, in which nothing but that costs what the turn is long. NOT_FOUND for a turn
 * that the scope does not see; CONFLICT for another turn than the last, and for a question that an earlier turn replies to.
 */
export async function deleteTurn(database: Database, scope: Scope, id: string): Promise<string> {
  const { projectId } = scope;
  return writeTransaction(database, projectId, async (writer) => {
    if (!(await lockTurn(writer, scope, id))) throw notFound("turn", "input.id");
    const conversationId = await requireLast(writer, scope, id);
    const [head] = await writer.rows<{ revision: number; turnCount: number }>(sql`
      UPDATE ${conversationHeads} SET turn_count = turn_count - 1, revision = revision + 1, updated_at = greatest(updated_at, now())
      WHERE project_id = ${projectId} AND conversation_id = ${conversationId} RETURNING revision, turn_count AS "turnCount"`);
    await removeItems(writer, scope, conversationId, (head?.turnCount ?? 0) + 1);
    await keepDeleted(writer, scope, id, head?.revision ?? 0);
    await writer.rows(sql`DELETE FROM ${turns} WHERE project_id = ${projectId} AND id = ${id}`);
    writer.freeIds("turn", [id]);
    return conversationId;
  });
}

/** The conversation of the locked turn. */
async function requireLast(writer: Writer, { projectId }: Scope, id: string): Promise<string> {
  const [turn] = await writer.rows<{ conversationId: string; isLast: boolean; isAnswered: boolean }>(sql`
    SELECT t.conversation_id AS "conversationId", t.position = h.turn_count AS "isLast",
      t.role = 'user' AND EXISTS (
        SELECT 1 FROM ${turns} r
        WHERE r.project_id = ${projectId} AND r.conversation_id = t.conversation_id AND r.in_reply_to_id = ${id}
      ) AS "isAnswered"
    FROM ${turns} t JOIN ${conversationHeads} h ON h.conversation_id = t.conversation_id
    WHERE t.project_id = ${projectId} AND h.project_id = ${projectId} AND t.id = ${id}`);
  if (turn === undefined) throw new Error("A locked turn disappeared.");
  if (!turn.isLast) {
    throw new ApiError("CONFLICT", "Only the last turn of a conversation can be deleted.", "input.id");
  }
  if (turn.isAnswered) throw new ApiError("CONFLICT", "Another turn replies to this one.", "input.id");
  return turn.conversationId;
}

const KEPT = writtenColumns(deletedTurns, "projectId", "id", "revision", "bytes", "deletedAt");

/** Keeps the turn's last state for watchers, as of the revision at which it is deleted. One statement. */
export async function keepDeleted(writer: Writer, scope: Scope, id: string, revision: number): Promise<void> {
  const { projectId } = scope;
  const read = turnColumns(scope);
  const names = namesOf(KEPT);
  const columns = sql.join(
    names.map((name) => sql.identifier(getTableColumns(deletedTurns)[name].name)),
    sql`, `,
  );
  const values = sql.join(
    names.map((name) => read[name].sql),
    sql`, `,
  );
  await writer.rows(sql`
    INSERT INTO ${deletedTurns} AS d (project_id, id, revision, bytes, deleted_at, ${columns})
    SELECT ${projectId}, t.id, ${revision}::integer, ${TURN_BYTES}, now(), ${values}
    FROM ${turns} t WHERE t.project_id = ${projectId} AND t.id = ${id}`);
}

/** Removes what was kept of turns that were deleted longer ago than a day. One statement for each project. */
export async function forgetDeletedTurns(database: Database): Promise<void> {
  for (const { id } of await database.read<{ id: string }>(sql`SELECT id FROM ${projects} ORDER BY id`)) {
    await database.rows(sql`
      DELETE FROM ${deletedTurns} WHERE project_id = ${id} AND deleted_at < now() - make_interval(hours => 24)`);
  }
}
