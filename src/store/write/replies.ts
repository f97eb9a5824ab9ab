import type { TurnRecord } from "../../model/conversation-record.ts";
import { ApiError } from "../../model/errors.ts";

/** BAD_USER_INPUT unless each reply among a conversation's turns, which are all given, answers a user turn of them. */
export function checkReplies(turns: readonly Pick<TurnRecord, "id" | "role" | "inReplyToId">[]): void {
  const questions = new Set(turns.flatMap(({ id, role }) => (role === "user" ? [id] : [])));
  if (turns.some(({ inReplyToId }) => inReplyToId !== null && !questions.has(inReplyToId))) {
    throw new ApiError("BAD_USER_INPUT", "The database refuses it: it breaks turns_in_reply_to_fk.");
  }
}
