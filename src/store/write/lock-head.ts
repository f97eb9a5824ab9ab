import { sql } from "drizzle-orm";

import { notFound } from "../../model/errors.ts";
import type { Executor } from "../database/executor.ts";
import { isVisible, type Scope } from "../sql/scope.ts";
import { conversationHeads } from "../tables/conversations.ts";

/** A conversation whose head the transaction has locked, as it was then. */
export interface LockedHead {
  conversationId: string;
  revision: number;
  turnCount: number;
}

/** Locks the conversation's head, as every writer does first. One statement. NOT_FOUND for one that the scope does not see. */
export async function lockHead(transaction: Executor, scope: Scope, conversationId: string): Promise<LockedHead> {
  const [head] = await transaction.rows<LockedHead>(sql`
    SELECT h.conversation_id AS "conversationId", h.revision, h.turn_count AS "turnCount" FROM ${conversationHeads} h
    WHERE ${isVisible(scope, "h")} AND h.conversation_id = ${conversationId} FOR UPDATE`);
  if (head === undefined) throw notFound("conversation", "id");
  return head;
}

/** Counts a revision of the conversation, which is updated by that; answers it. One statement. */
export async function countRevision(
  transaction: Executor,
  { projectId }: Scope,
  conversationId: string,
): Promise<number> {
  const [head] = await transaction.rows<{ revision: number }>(sql`
    UPDATE ${conversationHeads} SET revision = revision + 1, updated_at = greatest(updated_at, now())
    WHERE project_id = ${projectId} AND conversation_id = ${conversationId} RETURNING revision`);
  if (head === undefined) throw new Error("A locked conversation disappeared.");
  return head.revision;
}
