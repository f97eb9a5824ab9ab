import { type SQL, sql } from "drizzle-orm";

import { ApiError, badInput, notFound, sqlState } from "../../model/errors.ts";
import { kindOfId, newId } from "../../model/ids.ts";
import type { Database } from "../database/client.ts";
import type { Executor } from "../database/executor.ts";
import { together } from "../database/together.ts";
import { readNodes } from "../read/nodes.ts";
import { type TurnRow, turnColumns } from "../read/turns.ts";
import { isVisible, type Scope } from "../sql/scope.ts";
import { selectList } from "../sql/select-list.ts";
import { columnNames, toParameters } from "../sql/written-columns.ts";
import { conversationHeads } from "../tables/conversations.ts";
import { turns } from "../tables/turns.ts";
import { appendApart } from "./append-apart.ts";
import { enterKey, findFormerWrite, type Idempotency } from "./idempotency.ts";
import { questionsNamed } from "./replies.ts";
import { idTaken, takenId } from "./taken-id.ts";
import { indexedOf, type NewTurn, TURN_CONTENT } from "./turn-content.ts";
import { writeTransaction } from "./write-transaction.ts";

/**
 * Appends the turn at the conversation's next position: one statement where the tables are on one machine, whose lock on the conversation's head
 * gives concurrent writers, in whatever process, positions without gap and revisions in the order of their commits.
 * A reply takes that lock first, in a transaction: a writer that it waits for may take its question away.
 * With an idempotency key that is known already it appends nothing and gives the turn of the first call. NOT_FOUND for a
 * conversation that the scope does not see, CONFLICT for a key with another input or whose turn was deleted, and for an id
 * that another object has.
 */
export async function appendTurn(
  database: Database,
  scope: Scope,
  conversationId: string,
  turn: NewTurn,
  idempotency: Idempotency | null,
): Promise<TurnRow> {
  const id = turn.id ?? newId("turn");
  let refused: unknown;
  const [appended] = await append(database, scope, conversationId, id, turn, idempotency).catch((error: unknown) => {
    if (takenId(error) === id) throw idTaken("input.turn.id");
    // A row that the turn refers to went while the statement waited for the head: found out below, as if it had not begun.
    if (sqlState(error) !== FOREIGN_KEY_VIOLATION) throw error;
    refused = error;
    return [];
  });
  if (appended !== undefined) return appended;
  const former = idempotency === null ? null : await findFormerWrite(database, scope, idempotency);
  if (former?.turnId != null) {
    const node = (await readNodes(database, scope, [former.turnId])).get(former.turnId);
    if (node?.kind === "turn") return node;
  }
  const node = (await readNodes(database, scope, [conversationId])).get(conversationId);
  if (node?.kind !== "conversation") throw notFound("conversation", "input.conversationId");
  if (former?.turnId != null) {
    throw new ApiError("CONFLICT", "The turn of this key was deleted.", "input.idempotencyKey");
  }
  if (turn.inReplyToId !== null) {
    throw badInput("input.turn.inReplyToId", "`inReplyToId` must name a user turn of the same conversation.");
  }
  throw refused ?? notFound("conversation", "input.conversationId");
}

const FOREIGN_KEY_VIOLATION = "23503";

/** The turn as it is stored; none where the conversation, the question or the key lets nothing be appended. */
function append(
  database: Database,
  scope: Scope,
  conversationId: string,
  id: string,
  turn: NewTurn,
  idempotency: Idempotency | null,
): Promise<TurnRow[]> {
  if (database.isDistributed) return appendApart(database, scope, conversationId, { ...turn, id }, idempotency);
  const statement = appendStatement(scope, conversationId, id, turn, idempotency);
  return kindOfId(id) === "turn"
    ? appendNew(database, scope, conversationId, turn, statement)
    : appendEntered(database, scope, conversationId, id, statement);
}

async function appendNew(
  database: Database,
  scope: Scope,
  conversationId: string,
  turn: NewTurn,
  statement: SQL,
): Promise<TurnRow[]> {
  if (turn.inReplyToId === null) return database.rows<TurnRow>(statement);
  return database.transaction(async (transaction) => {
    const [, rows] = await together([
      lockHead(transaction, scope, conversationId),
      transaction.rows<TurnRow>(statement),
    ]);
    return rows;
  });
}

/** The append of a turn with an id without the prefix of turns, which is entered among the project's ids with it. */
async function appendEntered(
  database: Database,
  scope: Scope,
  conversationId: string,
  id: string,
  statement: SQL,
): Promise<TurnRow[]> {
  return writeTransaction(database, scope.projectId, async (writer) => {
    const [, appended] = await together([lockHead(writer, scope, conversationId), writer.rows<TurnRow>(statement)]);
    if (appended.length > 0) writer.takeIds("turn", [id]);
    return appended;
  });
}

async function lockHead(transaction: Executor, scope: Scope, conversationId: string): Promise<void> {
  await transaction.rows(sql`
    SELECT h.revision FROM ${conversationHeads} h
    WHERE ${isVisible(scope, "h")} AND h.conversation_id = ${conversationId} FOR UPDATE`);
}

function appendStatement(
  scope: Scope,
  conversationId: string,
  id: string,
  turn: NewTurn,
  idempotency: Idempotency | null,
): SQL {
  const question = answersQuestion(scope, conversationId, turn);
  const found = sql`FROM ${conversationHeads} h WHERE ${isVisible(scope, "h")} AND h.conversation_id = ${conversationId} AND ${question}`;
  const first =
    idempotency === null
      ? sql`SELECT 1 WHERE ${question}`
      : enterKey(scope, idempotency, { conversationId, turnId: id, itemIds: null }, found);
  const content = { ...turn, ...indexedOf(turn) };
  return sql`
    WITH first AS (${first}), h AS (
      UPDATE ${conversationHeads} h SET turn_count = turn_count + 1, revision = revision + 1,
        updated_at = greatest(updated_at, now())
      WHERE ${isVisible(scope, "h")} AND h.conversation_id = ${conversationId} AND EXISTS (SELECT 1 FROM first) RETURNING h.*
    ), t AS (
      INSERT INTO ${turns} AS t (project_id, id, conversation_id, position, revision, ${columnNames(TURN_CONTENT)})
      SELECT h.project_id, ${id}, h.conversation_id, h.turn_count, h.revision, ${toParameters(TURN_CONTENT, content)} FROM h
      RETURNING t.*
    )
    SELECT 'turn' AS kind, t.id, ${selectList(turnColumns(scope))} FROM t`;
}

/** The condition that what the turn replies to is a user turn of the conversation; true where it is no reply. */
function answersQuestion({ projectId }: Scope, conversationId: string, { inReplyToId }: NewTurn): SQL {
  if (inReplyToId === null) return sql`true`;
  return sql`EXISTS (SELECT 1 ${questionsNamed(projectId, conversationId, inReplyToId)})`;
}
