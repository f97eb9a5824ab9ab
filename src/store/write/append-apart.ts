import { sql } from "drizzle-orm";

import type { Database } from "../database/client.ts";
import { together } from "../database/together.ts";
import { storedTurnColumns, type TurnRow } from "../read/turns.ts";
import { isVisible, type Scope } from "../sql/scope.ts";
import { selectList } from "../sql/select-list.ts";
import { columnNames, toParameters } from "../sql/written-columns.ts";
import { conversationHeads } from "../tables/conversations.ts";
import { turns } from "../tables/turns.ts";
import { enterKey, type Idempotency } from "./idempotency.ts";
import { questionsNamed } from "./replies.ts";
import { indexedOf, type NewTurn, TURN_CONTENT } from "./turn-content.ts";
import { type Writer, writeTransaction } from "./write-transaction.ts";

type IdentifiedTurn = NewTurn & { id: string };

/** Thrown to roll back what was written ahead of finding that nothing may be appended. */
class NotAppended extends Error {}

/**
 * The append where tables are distributed, which takes an INSERT within WITH to every machine: one transaction of plain
 * statements on the project's. Answers the turn; none, with nothing written, where the scope does not see the conversation,
 * the turn replies to no user turn of it, or the key is known.
 */
export async function appendApart(
  database: Database,
  scope: Scope,
  conversationId: string,
  turn: IdentifiedTurn,
  idempotency: Idempotency | null,
): Promise<TurnRow[]> {
  return writeTransaction(database, scope.projectId, async (writer) => {
    const [head] = await writer.rows<{ turnCount: number; revision: number }>(sql`
      UPDATE ${conversationHeads} h SET turn_count = turn_count + 1, revision = revision + 1,
        updated_at = greatest(updated_at, now())
      WHERE ${isVisible(scope, "h")} AND h.conversation_id = ${conversationId}
      RETURNING h.turn_count AS "turnCount", h.revision`);
    if (head === undefined) return [];
    await together([
      requireQuestion(writer, scope, conversationId, turn),
      enterOnce(writer, scope, conversationId, turn.id, idempotency),
    ]);
    writer.takeIds("turn", [turn.id]);
    return insertTurn(writer, scope, conversationId, turn, head);
  }).catch((error: unknown) => {
    if (error instanceof NotAppended) return [];
    throw error;
  });
}

function insertTurn(
  writer: Writer,
  { projectId }: Scope,
  conversationId: string,
  turn: IdentifiedTurn,
  { turnCount, revision }: { turnCount: number; revision: number },
): Promise<TurnRow[]> {
  const content = { ...turn, ...indexedOf(turn) };
  return writer.rows<TurnRow>(sql`
    INSERT INTO ${turns} AS t (project_id, id, conversation_id, position, revision, ${columnNames(TURN_CONTENT)})
    VALUES (${projectId}, ${turn.id}, ${conversationId}, ${turnCount}, ${revision}, ${toParameters(TURN_CONTENT, content)})
    RETURNING 'turn' AS kind, t.id, ${selectList(storedTurnColumns())}`);
}

/** Under the lock of the head: an import may replace the question until then. */
async function requireQuestion(
  writer: Writer,
  { projectId }: Scope,
  conversationId: string,
  { inReplyToId }: NewTurn,
): Promise<void> {
  if (inReplyToId === null) return;
  const found = await writer.rows(sql`SELECT 1 AS one ${questionsNamed(projectId, conversationId, inReplyToId)}`);
  if (found.length === 0) throw new NotAppended();
}

async function enterOnce(
  writer: Writer,
  scope: Scope,
  conversationId: string,
  turnId: string,
  idempotency: Idempotency | null,
): Promise<void> {
  if (idempotency === null) return;
  const entered = await writer.rows(enterKey(scope, idempotency, { conversationId, turnId, itemIds: null }));
  if (entered.length === 0) throw new NotAppended();
}
