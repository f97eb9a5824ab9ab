import { type ConversationRecord, UNDESCRIBED } from "../../model/conversation-record.ts";
import { ApiError } from "../../model/errors.ts";
import { newId } from "../../model/ids.ts";
import type { Database } from "../database/client.ts";
import { together } from "../database/together.ts";
import type { Scope } from "../sql/scope.ts";
import type { NewTurn } from "./append-turn.ts";
import { writeConversations, writeTurns } from "./conversation.ts";
import { enterKey, findFormerWrite, type Idempotency } from "./idempotency.ts";
import { type Writer, writeTransaction } from "./write-transaction.ts";

/** A conversation that is to be stored, its rules checked. */
export interface NewConversation {
  createdAt: Date;
  agent: { name: string; version: string | null } | null;
  metadata: Record<string, string>;
  /** The first turns, in order. */
  turns: NewTurn[];
}

/**
 * Stores a new conversation with its first turns under the scope's project and user, all of it or nothing; answers its
 * id. With an idempotency key that is known already it stores nothing and answers the id of the first call's
 * conversation. CONFLICT for a key with another input.
 */
export async function createConversation(
  database: Database,
  scope: Scope,
  conversation: NewConversation,
  idempotency: Idempotency | null,
): Promise<string> {
  const record = toRecord(scope, conversation);
  return writeTransaction(database, scope.projectId, async (writer) => {
    await together([
      writeConversations(writer, scope.projectId, [record]),
      enterOnce(writer, scope, record.id, idempotency),
      writeTurns(writer, scope.projectId, [record]),
    ]);
    return record.id;
  }).catch(async (error: unknown) => {
    if (!(error instanceof KnownKey) || idempotency === null) throw error;
    const former = await findFormerWrite(database, scope, idempotency);
    if (former === null) throw new ApiError("CONFLICT", "The conversation of this key was deleted meanwhile.");
    return former.conversationId;
  });
}

async function enterOnce(writer: Writer, scope: Scope, id: string, idempotency: Idempotency | null): Promise<void> {
  if (idempotency === null) return;
  const entered = await writer.rows(enterKey(scope, idempotency, { conversationId: id, turnId: null }));
  if (entered.length === 0) throw new KnownKey();
}

/** Thrown to roll back what the second call with a key has stored so far. */
class KnownKey extends Error {}

function toRecord(scope: Scope, { turns, ...described }: NewConversation): ConversationRecord {
  return {
    ...UNDESCRIBED,
    ...described,
    id: newId("conversation"),
    updatedAt: new Date(),
    isolationKey: scope.isolationKey,
    timesMadeUp: false,
    turnIds: "global",
    turns: turns.map((turn) => ({ ...turn, id: newId("turn"), revision: null })),
  };
}
