import { isJsonObject } from "../json.ts";
import type { ConversationRecord } from "../store/record.ts";
import { isWrapper } from "./chat.ts";
import { Fields } from "./fields.ts";
import { type ConversationFormat, elements, type RecordContext, type RecordValue } from "./format.ts";
import { derivedConversationId, madeUpStart } from "./made-up.ts";
import type { ReadingNotes } from "./reading-notes.ts";
import { readId } from "./scalars.ts";
import { parseTurns } from "./turns.ts";

/** What the documented Fixie list endpoint answers, and the conversations in it on their own. */
export const fixieFormat: ConversationFormat = {
  name: "fixie",
  description: "a Fixie list answer {conversations: […]} or one conversation {id, turns: […]}",
  recognises,
  split,
  read,
};

function recognises(document: unknown): boolean {
  if (Array.isArray(document)) return document.some(recognises);
  if (!isJsonObject(document)) return false;
  // Beside a chat trajectory, only a list of turns makes a conversation of this format.
  return (
    Array.isArray(document.turns) ||
    (!isWrapper(document) && (Array.isArray(document.conversations) || "turns" in document))
  );
}

function split(document: unknown, notes: ReadingNotes): RecordValue[] {
  if (Array.isArray(document)) return elements(document);
  if (!isJsonObject(document) || !Array.isArray(document.conversations)) return [{ position: "", value: document }];
  const list = new Fields(document, "", notes);
  list.value("pageInfo");
  list.value("conversations");
  list.countUnknown();
  return elements(document.conversations, "conversations");
}

function read(value: unknown, { notes, index }: RecordContext): ConversationRecord {
  const fields = new Fields(value, "", notes);
  const id = readId(fields, "conversation") ?? derivedConversationId(value);
  const start = madeUpStart(index);
  const { turns, timesMadeUp, turnIds } = parseTurns(fields.list("turns"), id, start);
  fields.countUnknown();
  return {
    id,
    createdAt: turns[0]?.timestamp ?? start,
    updatedAt: turns.at(-1)?.timestamp ?? start,
    metadata: {},
    agent: null,
    isolationKey: null,
    revision: null,
    timesMadeUp,
    turnIds,
    turns,
  };
}
