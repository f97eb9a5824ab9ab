import type { ConversationRecord } from "../model/conversation-record.ts";
import { isJsonObject } from "../model/json.ts";
import { readChatMessages } from "./chat-messages.ts";
import { Fields } from "./fields.ts";
import type { ConversationFormat, RecordContext } from "./format.ts";
import { RecordError } from "./format-errors.ts";
import type { ReadingNotes } from "./reading-notes.ts";
import { wrappedRecord } from "./wrapper.ts";

/** The fields that may hold the messages of a wrapper. */
const TRAJECTORY_KEYS = ["traj", "messages"] as const;

/** OpenAI chat messages: arrays of them, bare or in an object with more about the conversation. */
export const chatFormat: ConversationFormat = {
  name: "chat",
  description: "OpenAI chat messages [{role, content}, …], bare or as {traj: […]} or {messages: […]}",
  isMessage,
  recognises: (value) => (Array.isArray(value) ? value.some(isMessage) : isWrapper(value)),
  read,
};

function isMessage(value: unknown): boolean {
  return isJsonObject(value) && typeof value.role === "string";
}

/** Whether the value is an object with a list of messages, whatever else it holds. */
export function isWrapper(value: unknown): boolean {
  return isJsonObject(value) && TRAJECTORY_KEYS.some((key) => Array.isArray(value[key]));
}

function read(value: unknown, context: RecordContext): ConversationRecord {
  const { wrapper, messages } = unwrap(value, context.notes);
  if (messages.length === 0) throw new RecordError("", "holds no messages");
  return wrappedRecord(readChatMessages(messages, context.notes), wrapper, value, context);
}

function unwrap(value: unknown, notes: ReadingNotes): { wrapper: Fields | null; messages: Fields[] } {
  if (Array.isArray(value)) {
    return { wrapper: null, messages: value.map((item, index) => new Fields(item, `[${index}]`, notes)) };
  }
  const wrapper = new Fields(value, "", notes);
  for (const key of TRAJECTORY_KEYS) {
    const messages = wrapper.optionalList(key);
    if (messages !== null) return { wrapper, messages };
  }
  throw new RecordError(TRAJECTORY_KEYS.join(" or "), "is missing");
}
