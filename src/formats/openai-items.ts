import type { ConversationRecord } from "../model/conversation-record.ts";
import { isJsonObject } from "../model/json.ts";
import { Fields } from "./fields.ts";
import type { ConversationFormat, RecordContext } from "./format.ts";
import { RecordError } from "./format-errors.ts";
import { readItems } from "./foundry-items.ts";
import { isItem, isNewestFirst } from "./item-lists.ts";
import type { ReadingNotes } from "./reading-notes.ts";
import { isRolloutLine, readRollout } from "./rollout-lines.ts";
import type { Trajectory } from "./trajectory.ts";
import { wrappedRecord } from "./wrapper.ts";

/** The fields of a conversation, a page of the items' list or a response that hold items. */
const ITEM_KEYS = ["items", "data", "output", "input"] as const;

/** Fields of a page of the list beside the items. */
const PAGE_FIELDS = ["object", "first_id", "last_id"];

/**
 * The items of OpenAI's Responses and Conversations APIs: arrays of them, pages of their list, responses, rollout
 * lines.
 */
export const openaiItemsFormat: ConversationFormat = {
  name: "openai-items",
  description:
    "OpenAI items [{type: message, role, content}, {type: function_call, …}, …], bare, in a list or a response",
  isMessage,
  recognises: (value) => (Array.isArray(value) ? value.some(isMessage) : isWrapper(value)),
  read,
};

function isMessage(value: unknown): boolean {
  return isItem(value) || isRolloutLine(value);
}

function isWrapper(value: unknown): boolean {
  if (!isJsonObject(value)) return false;
  const lists = ITEM_KEYS.map((key) => value[key]);
  return lists.some((list) => Array.isArray(list) && list.some(isItem));
}

function read(value: unknown, context: RecordContext): ConversationRecord {
  const { notes } = context;
  if (!Array.isArray(value)) return readWrapper(new Fields(value, "", notes), value, context);
  if (value.length === 0) throw new RecordError("", "holds no items");
  const items = value.map((item, index) => new Fields(item, `[${index}]`, notes));
  if (!value.some(isRolloutLine)) return wrappedRecord(readItems(items, notes), null, value, context);
  const { trajectory, session } = readRollout(items, notes);
  return wrappedRecord(trajectory, session, value, context);
}

function readWrapper(wrapper: Fields, value: unknown, context: RecordContext): ConversationRecord {
  const trajectory = readWrapped(wrapper, context.notes);
  if (trajectory === null) throw new RecordError(ITEM_KEYS.join(" or "), "is missing");
  return wrappedRecord(trajectory, wrapper, value, context);
}

function readWrapped(wrapper: Fields, notes: ReadingNotes): Trajectory | null {
  const own = wrapper.optionalList("items");
  // The API's name for the type of a conversation.
  if (own !== null && wrapper.peek("object") === "conversation") wrapper.value("object");
  const items = own ?? readPage(wrapper, notes);
  return items === null ? readResponse(wrapper, notes) : readItems(items, notes);
}

/** The items of a page of their list, oldest first; null for any other object. */
function readPage(page: Fields, notes: ReadingNotes): Fields[] | null {
  const items = page.optionalList("data");
  if (items === null) return null;
  for (const name of PAGE_FIELDS) page.value(name);
  if (page.value("has_more") === true) notes.countLeftOut("items behind the page (has_more)");
  return isNewestFirst(items) ? items.toReversed() : items;
}

/** A response with the input that it answers; null without either. */
function readResponse(response: Fields, notes: ReadingNotes): Trajectory | null {
  const output = response.optionalList("output");
  const input = response.peek("input");
  if (output === null && input === undefined) return null;
  const instructions = response.peek("instructions");
  const system = typeof instructions === "string" ? [say(response, "instructions", "system", notes)] : [];
  const asked = typeof input === "string" ? [say(response, "input", "user", notes)] : response.optionalList("input");
  return readItems([...system, ...(asked ?? []), ...(output ?? [])], notes);
}

/** The text in a response's field as the message that it stands for. */
function say(response: Fields, name: string, role: string, notes: ReadingNotes): Fields {
  return new Fields({ role, content: response.value(name) }, response.pathOf(name), notes);
}
