import { sql } from "drizzle-orm";

import { ApiError, notFound } from "../../model/errors.ts";
import { MAX_TURN_BYTES } from "../../model/rules.ts";
import type { Database } from "../database/client.ts";
import type { Executor } from "../database/executor.ts";
import { takesChunks } from "../read/open-text.ts";
import { storedTurnColumns, type TurnRead, type TurnRow, turnColumns } from "../read/turns.ts";
import { isVisible, type Scope } from "../sql/scope.ts";
import { selectList } from "../sql/select-list.ts";
import { turnBytes, turnTooLong } from "../sql/turn-bytes.ts";
import { toAssignments } from "../sql/written-columns.ts";
import { conversationHeads } from "../tables/conversations.ts";
import { turns } from "../tables/turns.ts";
import { appendChunk } from "./append-text.ts";
import { appendChunkApart } from "./append-text-apart.ts";
import { changeMessages, type Said, type TurnChange } from "./change-messages.ts";
import { countRevision } from "./lock-head.ts";
import type { TextToAppend } from "./open-turns.ts";
import { renewChunks } from "./turn-chunks.ts";
import { indexedOf, TURN_CONTENT } from "./turn-content.ts";

/**
 * Changes a turn in progress; answers it, without its messages where these are not wanted. Text alone is appended by one
 * statement for all that comes at the same time, which costs what the text is long. Any other change, and text where that is not possible, rewrites the turn in
 * one transaction that locks its conversation's head. NOT_FOUND for a turn that the scope does not see; CONFLICT for a final
 * turn, and for one that is at another revision than expected; LIMIT_EXCEEDED for a change that makes it too long.
 */
export async function updateTurn(
  database: Database,
  scope: Scope,
  id: string,
  change: TurnChange,
  { withMessages }: Pick<TextToAppend, "withMessages">,
): Promise<TurnRead> {
  const { expectedRevision } = change;
  const text = textAlone(change);
  const given = text === null ? null : { text, expectedRevision, withMessages };
  const appended = given === null || database.isDistributed ? null : await appendChunk(database, scope, id, given);
  if (appended !== null) return appended;
  return database.transaction(async (transaction) => {
    if (!(await lockTurn(transaction, scope, id))) throw notFound("turn", "input.id");
    const alone = given === null ? null : await appendChunkApart(transaction, scope, id, given);
    return alone ?? rewriteTurn(transaction, scope, id, change);
  });
}

/** The part of `updateTurn` in a transaction that has the lock on the head of the turn's conversation. Errors as there. */
export async function rewriteTurn(
  transaction: Executor,
  scope: Scope,
  id: string,
  change: TurnChange,
): Promise<TurnRow> {
  const turn = await readOpenTurn(transaction, scope, id);
  if (change.expectedRevision !== null && change.expectedRevision !== turn.revision) {
    const message = `The turn is at revision ${turn.revision}, not ${change.expectedRevision}.`;
    throw new ApiError("CONFLICT", message, "input.expectedRevision");
  }
  if (turn.state !== "in-progress") throw new ApiError("CONFLICT", "The turn is final: it cannot change.", "input.id");
  return writeChange(transaction, scope, turn, change);
}

/** The text that the change appends; null for a change that does more. */
function textAlone({ messages, appendMessages, appendText, state }: TurnChange): string | null {
  return messages === null && appendMessages === null && state === null ? appendText : null;
}

/** A turn and what its text in progress needs. */
type OpenTurn = TurnRow & Pick<Said, "highSurrogate"> & { chunksAfter: number | null };

/**
 * Gives the locked turn, whose text stands in chunks, another metadata map: with it the text goes into the turn's messages, as
 * chunks are a chain of appends without any other change between them.
 */
export async function noteOpenTurn(
  transaction: Executor,
  scope: Scope,
  id: string,
  metadata: Record<string, string>,
): Promise<TurnRow> {
  const turn = await readOpenTurn(transaction, scope, id);
  const nothing = { messages: null, appendMessages: null, appendText: null, state: null };
  return writeChange(transaction, scope, turn, { ...nothing, errorDetail: null, expectedRevision: null }, metadata);
}

/** Locks the turn and first its conversation's head; false for one that the scope does not see. */
export async function lockTurn(transaction: Executor, scope: Scope, id: string): Promise<boolean> {
  const found = await transaction.rows(sql`
    SELECT t.id FROM ${turns} t
    JOIN ${conversationHeads} h ON h.conversation_id = t.conversation_id
    WHERE t.project_id = ${scope.projectId} AND ${isVisible(scope, "h")} AND t.id = ${id} FOR UPDATE OF h, t`);
  return found.length > 0;
}

/** The locked turn. A statement of its own, as what was committed before the lock was had is seen only now. */
async function readOpenTurn(transaction: Executor, scope: Scope, id: string): Promise<OpenTurn> {
  const [turn] = await transaction.rows<OpenTurn>(sql`
    SELECT 'turn' AS kind, t.id, ${selectList(turnColumns(scope))},
      t.high_surrogate AS "highSurrogate", t.chunks_after AS "chunksAfter"
    FROM ${turns} t WHERE t.project_id = ${scope.projectId} AND t.id = ${id}`);
  if (turn === undefined) throw new Error("A locked turn disappeared.");
  return turn;
}

async function writeChange(
  transaction: Executor,
  scope: Scope,
  turn: OpenTurn,
  change: TurnChange,
  metadata = turn.metadata,
): Promise<TurnRow> {
  const state = change.state ?? turn.state;
  const { messages, highSurrogate } = changeMessages(turn, change, state);
  if (turnBytes(messages, change.errorDetail) > MAX_TURN_BYTES) throw turnTooLong(`input.${lastAddition(change)}`);
  const changes = { state, messages, metadata, errorDetail: change.errorDetail, ...indexedOf({ state, messages }) };
  const goesOn = textAlone(change) !== null && takesChunks(messages);
  const revision = await countRevision(transaction, scope, turn.conversationId);
  const [changed] = await transaction.rows<TurnRow>(sql`
    UPDATE ${turns} t SET revision = ${revision}, high_surrogate = ${highSurrogate}, chunks_after = ${goesOn ? revision : null},
      ${toAssignments(TURN_CONTENT, changes)}
    WHERE t.project_id = ${scope.projectId} AND t.id = ${turn.id}
    RETURNING 'turn' AS kind, t.id, ${selectList(storedTurnColumns())}`);
  if (changed === undefined) throw new Error("A locked turn disappeared.");
  await renewChunks(transaction, scope, { before: turn, after: changed, goesOn });
  return changed;
}

/** The last property of the change that adds to the turn's length. */
function lastAddition({ errorDetail, appendText, appendMessages }: TurnChange): keyof TurnChange {
  if (errorDetail !== null) return "errorDetail";
  if (appendText !== null) return "appendText";
  return appendMessages === null ? "messages" : "appendMessages";
}
