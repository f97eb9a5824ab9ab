import type { ConversationRecord } from "../model/conversation-record.ts";
import { isIdOf } from "../model/ids.ts";
import { Fields } from "./fields.ts";
import { readItems } from "./foundry-items.ts";
import { fitMetadata, readMetadata } from "./metadata.ts";
import type { ReadingNotes } from "./reading-notes.ts";
import { readId } from "./scalars.ts";
import { derivedTurnId, madeUpTimestamp } from "./synthetic.ts";

/**
 * The conversation that an element of Foundry's list and its items, oldest first, make. Items have no times: their turns
 * get made-up ones that begin at the conversation's own. Throws RecordError for what cannot be kept.
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
  const metadata = readMetadata(fields, "metadata");
  fields.countUnknown();
  const { instructions, turns } = readItems(
    items.map((item, index) => new Fields(item, `items[${index}]`, notes)),
    notes,
  );
  const system: [string, string][] = instructions.length === 0 ? [] : [["system", instructions.join("\n")]];
  const nameTurn = turnNamer(id);
  return {
    id,
    createdAt,
    updatedAt: madeUpTimestamp(createdAt, Math.max(turns.length - 1, 0)),
    metadata: fitMetadata([...Object.entries(metadata), ...system], notes),
    agent: null,
    isolationKey: null,
    revision: null,
    timesMadeUp: true,
    turns: turns.map(({ itemId, role, state, messages }, index) => ({
      id: nameTurn(itemId, index + 1),
      role,
      state,
      timestamp: madeUpTimestamp(createdAt, index),
      messages,
      errorDetail: null,
      inReplyToId: null,
      revision: null,
    })),
  };
}

/** A turn is called as its first item, which stays when more items follow; where no turn may be called that, by its place. */
function turnNamer(conversationId: string): (itemId: string | null, position: number) => string {
  const taken = new Set([conversationId]);
  return (itemId, position) => {
    const isFree = itemId !== null && isIdOf("turn", itemId) && !taken.has(itemId);
    const id = isFree ? itemId : derivedTurnId(conversationId, position);
    taken.add(id);
    return id;
  };
}
