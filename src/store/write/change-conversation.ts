import { sql } from "drizzle-orm";

import { ApiError, notFound } from "../../model/errors.ts";
import type { Database } from "../database/client.ts";
import { type ConversationRow, conversationTables } from "../read/conversations.ts";
import { json } from "../sql/parameters.ts";
import { isVisible, type Scope } from "../sql/scope.ts";
import { conversationHeads, conversations } from "../tables/conversations.ts";
import { changePairs, type PairsChange } from "./change-pairs.ts";
import { removeConversations } from "./remove-conversations.ts";
import { writeTransaction } from "./write-transaction.ts";

/** A change of a conversation's metadata. */
export interface DescriptionChange {
  /** Replaces the whole map; null keeps it. */
  metadata: Record<string, string> | null;
  /** Changes the pairs that it names. */
  pairs: PairsChange;
  /** The revision that the conversation must be at; null for any. */
  expectedRevision: number | null;
}

/**
 * Changes the conversation's metadata, which counts a revision and moves the conversation in no list. One transaction: of two
 * callers that change different pairs both win. NOT_FOUND for a conversation that the scope does not see, CONFLICT for one
 * that is at another revision than expected, BAD_USER_INPUT for too many pairs.
 */
export async function describeConversation(
  database: Database,
  scope: Scope,
  id: string,
  { metadata, pairs, expectedRevision }: DescriptionChange,
): Promise<void> {
  await database.transaction(async (transaction) => {
    // Both rows, the head first, as every writer locks it first: one that is not locked would be read as before the wait.
    const [known] = await transaction.rows<Pick<ConversationRow, "metadata" | "revision">>(sql`
      SELECT c.metadata, h.revision FROM ${conversationTables(scope)}
      WHERE ${isVisible(scope, "c")} AND h.project_id = ${scope.projectId} AND c.id = ${id} FOR UPDATE OF h, c`);
    if (known === undefined) throw notFound("conversation", "input.id");
    if (expectedRevision !== null && expectedRevision !== known.revision) {
      const message = `The conversation is at revision ${known.revision}, not ${expectedRevision}.`;
      throw new ApiError("CONFLICT", message, "input.expectedRevision");
    }
    const changed = changePairs(metadata ?? known.metadata, pairs, "input.setMetadata");
    await transaction.rows(sql`
      WITH h AS (
        UPDATE ${conversationHeads} SET revision = revision + 1, described_at = now()
        WHERE project_id = ${scope.projectId} AND conversation_id = ${id} RETURNING conversation_id
      )
      UPDATE ${conversations} c SET metadata = ${json(changed)} FROM h
      WHERE c.project_id = ${scope.projectId} AND c.id = h.conversation_id`);
  });
}

/** Deletes the conversation with its turns, in one transaction. NOT_FOUND for a conversation that the scope does not see. */
export async function deleteConversation(database: Database, scope: Scope, id: string): Promise<void> {
  const removed = await writeTransaction(database, scope.projectId, (writer) =>
    removeConversations(writer, scope, sql`h.conversation_id = ${id}`),
  );
  if (removed.length === 0) throw notFound("conversation", "input.id");
}
