import { isJsonObject } from "../json.ts";
import type { ConversationRecord } from "../store/record.ts";
import { readChatMessages } from "./chat-messages.ts";
import { Fields } from "./fields.ts";
import { type ConversationFormat, elements, type RecordContext, type RecordValue } from "./format.ts";
import { RecordError } from "./format-errors.ts";
import { derivedConversationId, madeUpStart } from "./made-up.ts";
import { fitMetadata } from "./metadata.ts";
import type { ReadingNotes } from "./reading-notes.ts";
import { readId } from "./scalars.ts";
import { CREATED_NAMES, readTime, UPDATED_NAMES } from "./times.ts";
import { recordOf, systemPairs } from "./trajectory-record.ts";

/** The keys under which a wrapper holds its trajectory. */
const TRAJECTORY_KEYS = ["traj", "messages"] as const;

/** Trajectories in the OpenAI chat format: arrays of messages, bare or in an object that says more about them. */
export const chatFormat: ConversationFormat = {
  name: "chat",
  description: "OpenAI chat messages [{role, content}, …], bare or as {traj: […]} or {messages: […]}",
  recognises: (document) => isTrajectory(document) || isWrapper(document) || isListOfTrajectories(document),
  split,
  read,
};

function isTrajectory(value: unknown): boolean {
  return Array.isArray(value) && value.some((message) => isJsonObject(message) && typeof message.role === "string");
}

/** Whether the value is an object around a trajectory, whatever else is in it. */
export function isWrapper(value: unknown): boolean {
  return isJsonObject(value) && TRAJECTORY_KEYS.some((key) => Array.isArray(value[key]));
}

function isListOfTrajectories(document: unknown): boolean {
  return Array.isArray(document) && document.some((value) => isTrajectory(value) || isWrapper(value));
}

function split(document: unknown): RecordValue[] {
  return Array.isArray(document) && !isTrajectory(document) ? elements(document) : [{ position: "", value: document }];
}

function read(value: unknown, { notes, index }: RecordContext): ConversationRecord {
  const { wrapper, messages } = unwrap(value, notes);
  if (messages.length === 0) throw new RecordError("", "holds no messages");
  const trajectory = readChatMessages(messages, notes);
  const id = (wrapper === null ? null : readOwnId(wrapper)) ?? derivedConversationId(value);
  const createdAt = wrapper === null ? null : readTime(wrapper, CREATED_NAMES);
  const updatedAt = wrapper === null ? null : readTime(wrapper, UPDATED_NAMES);
  const pairs = [...systemPairs(trajectory), ...(wrapper === null ? [] : takeScalars(wrapper))];
  const metadata = fitMetadata(pairs, notes);
  wrapper?.countUnknown();
  return recordOf(trajectory, { id, createdAt, updatedAt, metadata, start: madeUpStart(index) });
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

/** A wrapper's id, where that is text; a number is but the place in some list, and stays a scalar field. */
function readOwnId(wrapper: Fields): string | null {
  const isText = wrapper.unread().some(([name, value]) => name === "id" && typeof value === "string");
  return isText ? readId(wrapper, "conversation") : null;
}

/** The wrapper's remaining fields that are text, a number, true or false, as text; marks them as read. */
function* takeScalars(wrapper: Fields): Generator<[string, string]> {
  for (const [name, value] of wrapper.unread()) {
    // A number that kept its digits is an object to JavaScript.
    if (Array.isArray(value) || isJsonObject(value)) continue;
    wrapper.value(name);
    yield [name, typeof value === "string" ? value : JSON.stringify(value)];
  }
}
