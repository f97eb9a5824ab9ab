import { type SQL, sql } from "drizzle-orm";

import type { TurnRecord } from "../../model/conversation-record.ts";
import { ApiError } from "../../model/errors.ts";
import { turns as turnsTable } from "../tables/turns.ts";

/** BAD_USER_INPUT unless each reply among a conversation's turns, which are all given, answers a user turn of them. */
export function checkReplies(turns: readonly Pick<TurnRecord, "id" | "role" | "inReplyToId">[]): void {
  const questions = new Set(turns.flatMap(({ id, role }) => (role === "user" ? [id] : [])));
  if (turns.some(({ inReplyToId }) => inReplyToId !== null && !questions.has(inReplyToId))) {
    throw new ApiError("BAD_USER_INPUT", "The database refuses it: it breaks turns_in_reply_to_fk.");
  }
}

/** FROM and WHERE of a SELECT: the user turn of the conversation with this id. */
export function questionsNamed(projectId: string, conversationId: string, id: string): SQL {
  return sql`FROM ${turnsTable} q
    WHERE q.project_id = ${projectId} AND q.id = ${id} AND q.conversation_id = ${conversationId} AND q.role = 'user'`;
}
