import { sql } from "drizzle-orm";

import { notFound } from "../../model/errors.ts";
import type { Database } from "../database/client.ts";
import type { Executor } from "../database/executor.ts";
import { json } from "../sql/parameters.ts";
import { isVisible, type Scope } from "../sql/scope.ts";
import { conversationHeads, conversations } from "../tables/conversations.ts";
import { removeConversations } from "./remove-conversations.ts";
import { writeTransaction } from "./write-transaction.ts";

/** Replaces the conversation's metadata. One statement. NOT_FOUND for a conversation that the scope does not see. */
export async function replaceMetadata(
  executor: Executor,
  scope: Scope,
  id: string,
  metadata: Record<string, string>,
): Promise<void> {
  // The head first, as every writer locks it first: two of them cannot wait for each other.
  const changed = await executor.rows(sql`
    WITH h AS (
      UPDATE ${conversationHeads} h SET updated_at = greatest(updated_at, clock_timestamp())
      WHERE ${isVisible(scope, "h")} AND h.conversation_id = ${id} RETURNING h.project_id, h.conversation_id
    )
    UPDATE ${conversations} c SET metadata = ${json(metadata)} FROM h
    WHERE c.project_id = h.project_id AND c.id = h.conversation_id RETURNING c.id`);
  if (changed.length === 0) throw notFound("conversation", "input.id");
}

/** Deletes the conversation with its turns, in one transaction. NOT_FOUND for a conversation that the scope does not see. */
export async function deleteConversation(database: Database, scope: Scope, id: string): Promise<void> {
  const removed = await writeTransaction(database, scope.projectId, (writer) =>
    removeConversations(writer, scope, sql`h.conversation_id = ${id}`),
  );
  if (removed.length === 0) throw notFound("conversation", "input.id");
}
