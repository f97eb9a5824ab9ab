import { type ConversationRecord, UNDESCRIBED } from "../model/conversation-record.ts";
import { isJsonObject } from "../model/json.ts";
import { isWrapper } from "./chat.ts";
import { Fields } from "./fields.ts";
import type { ConversationFormat, RecordContext } from "./format.ts";
import { readId } from "./scalars.ts";
import { derivedConversationId } from "./synthetic.ts";
import { parseTurns } from "./turns.ts";

/** The answers of the documented Fixie list endpoint, and single conversations of it. */
export const fixieFormat: ConversationFormat = {
  name: "fixie",
  description: "a Fixie list answer {conversations: […]} or one conversation {id, turns: […]}",
  isMessage: () => false,
  recognises,
  read: readFixieConversation,
};

function recognises(value: unknown): boolean {
  if (!isJsonObject(value)) return false;
  // Beside chat messages, only a list of turns makes a conversation of this format.
  return Array.isArray(value.turns) || ("turns" in value && !isWrapper(value));
}

/** The conversation in the documented wire shape. Throws RecordError naming the field at fault. */
export function readFixieConversation(value: unknown, { notes, start }: RecordContext): ConversationRecord {
  const fields = new Fields(value, "", notes);
  const id = readId(fields, "conversation") ?? derivedConversationId(value);
  const { turns, timesMadeUp, turnIds } = parseTurns(fields.list("turns"), id, start);
  fields.countUnknown();
  return {
    ...UNDESCRIBED,
    id,
    createdAt: turns[0]?.timestamp ?? start,
    updatedAt: turns.at(-1)?.timestamp ?? start,
    timesMadeUp,
    turnIds,
    turns,
  };
}
