import type { ConversationRecord } from "../model/conversation-record.ts";
import { Fields } from "./fields.ts";
import { keepItems } from "./kept-items.ts";
import { fitMetadata, takeTexts } from "./metadata.ts";
import type { ReadingNotes } from "./reading-notes.ts";
import { readId } from "./scalars.ts";
import { recordOf, systemPairs } from "./trajectory-record.ts";

/**
 * The conversation of an element of Foundry's list and its items, oldest first, which are kept. Items have no times: their turns get
 * synthetic ones from the conversation's own on. Throws RecordError for one that cannot be kept.
 */
export function readFoundryConversation(
  conversation: unknown,
  items: readonly unknown[],
  notes: ReadingNotes,
): ConversationRecord {
  const fields = new Fields(conversation, "", notes);
  fields.optionalWord("object", ["conversation"]);
  const id = readId(fields, "conversation");
  if (id === null) throw fields.error("id", "is missing");
  const seconds = fields.optionalInteger("created_at", 0);
  if (seconds === null) throw fields.error("created_at", "is missing");
  const createdAt = new Date(seconds * 1000);
  const own = takeTexts(fields, "metadata", notes);
  fields.countUnknown();
  const trajectory = keepItems(
    items.map((item, index) => new Fields(item, `items[${index}]`, notes)),
    id,
  );
  const metadata = fitMetadata([...own, ...systemPairs(trajectory)], notes);
  return recordOf(trajectory, { id, createdAt, updatedAt: null, metadata, start: createdAt });
}
