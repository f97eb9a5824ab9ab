import { type ConversationRecord, UNDESCRIBED } from "../../model/conversation-record.ts";
import { ApiError } from "../../model/errors.ts";
import { newId } from "../../model/ids.ts";
import type { Database } from "../database/client.ts";
import { together } from "../database/together.ts";
import type { Scope } from "../sql/scope.ts";
import { addItems, type NewItems } from "./append-items.ts";
import { writeConversations, writeTurns } from "./conversation.ts";
import { enterKey, findFormerWrite, type Idempotency } from "./idempotency.ts";
import { idTaken, takenId } from "./taken-id.ts";
import type { NewTurn } from "./turn-content.ts";
import { type Writer, writeTransaction } from "./write-transaction.ts";

/** A conversation that is to be stored, its rules checked. */
export interface NewConversation {
  /** The id that the caller chose; null for a new one. */
  id: string | null;
  createdAt: Date;
  agent: { name: string; version: string | null } | null;
  metadata: Record<string, string>;
  /** The first turns, in order. */
  turns: NewTurn[];
}

const NO_ITEMS: NewItems = { items: [], agent: null };

/**
 * Stores a new conversation with its first turns, and then the items, under the scope's project and user, all of it or nothing;
 * answers its id. With an idempotency key that is known already it stores nothing and answers the id of the first call's
 * conversation. CONFLICT for a key with another input, and for an id that another object has; for items the errors of
 * `appendItems`.
 */
export async function createConversation(
  database: Database,
  scope: Scope,
  conversation: NewConversation,
  idempotency: Idempotency | null,
  items = NO_ITEMS,
): Promise<string> {
  const record = toRecord(scope, conversation);
  return writeTransaction(database, scope.projectId, async (writer) => {
    const added = writeConversations(writer, scope.projectId, [record]);
    // Where the id is another conversation's, nothing was added, and no turn may go to that one.
    if (conversation.id !== null && !(await added).has(conversation.id)) throw idTaken("input.id");
    await together([
      added,
      enterOnce(writer, scope, record.id, idempotency),
      writeTurns(writer, scope.projectId, [record]),
    ]);
    const turnCount = record.turns.length;
    await addItems(writer, scope, { conversationId: record.id, revision: turnCount, turnCount }, items);
    return record.id;
  }).catch(async (error: unknown) => {
    const refusal = explainRefusal(error, record, conversation);
    const isTaken = refusal instanceof ApiError && refusal.code === "CONFLICT";
    const former = isTaken && idempotency !== null ? await findFormerWrite(database, scope, idempotency) : null;
    if (former === null) throw refusal;
    return former.conversationId;
  });
}

/** The error for a key that is known, and for an id of the record that is taken; any other error itself. */
function explainRefusal(error: unknown, record: ConversationRecord, { id }: NewConversation): unknown {
  if (error instanceof KnownKey) return new ApiError("CONFLICT", "The conversation of this key was deleted meanwhile.");
  const taken = takenId(error);
  if (taken === null) return error;
  if (taken === id) return idTaken("input.id");
  const place = record.turns.findIndex((turn) => turn.id === taken);
  return place < 0 ? error : idTaken(`input.turns.${place}.id`);
}

/** Enters the key of the new conversation. Throws KnownKey for one that is known. */
export async function enterOnce(
  writer: Writer,
  scope: Scope,
  id: string,
  idempotency: Idempotency | null,
): Promise<void> {
  if (idempotency === null) return;
  const entered = await writer.rows(enterKey(scope, idempotency, { conversationId: id, turnId: null, itemIds: null }));
  if (entered.length === 0) throw new KnownKey();
}

/** Thrown to roll back what the second call with a key has stored so far. */
export class KnownKey extends Error {}

function toRecord(scope: Scope, { turns, ...described }: NewConversation): ConversationRecord {
  return {
    ...UNDESCRIBED,
    ...described,
    id: described.id ?? newId("conversation"),
    updatedAt: new Date(),
    isolationKey: scope.isolationKey,
    timesMadeUp: false,
    turnIds: "global",
    turns: turns.map((turn) => ({ ...turn, id: turn.id ?? newId("turn"), revision: null })),
  };
}
