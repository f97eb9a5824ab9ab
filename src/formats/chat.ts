import type { ConversationRecord } from "../model/conversation-record.ts";
import { isJsonObject } from "../model/json.ts";
import { readTrajectory } from "./chat-messages.ts";
import { Fields } from "./fields.ts";
import { type ConversationFormat, elements, type RecordContext, type RecordValue } from "./format.ts";
import { RecordError } from "./format-errors.ts";
import { fitMetadata } from "./metadata.ts";
import type { ReadingNotes } from "./reading-notes.ts";
import { readId } from "./scalars.ts";
import { derivedConversationId, derivedTurnId, madeUpStart, madeUpTimestamp } from "./synthetic.ts";

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
  const { instructions, turns } = readTrajectory(messages);
  const id = (wrapper === null ? null : readOwnId(wrapper)) ?? derivedConversationId(value);
  const start = madeUpStart(index);
  const system: [string, string][] = instructions.length === 0 ? [] : [["system", instructions.join("\n")]];
  const metadata = fitMetadata([...system, ...(wrapper === null ? [] : takeScalars(wrapper))], notes);
  wrapper?.countUnknown();
  return {
    id,
    createdAt: start,
    updatedAt: madeUpTimestamp(start, Math.max(turns.length - 1, 0)),
    metadata,
    agent: null,
    isolationKey: null,
    revision: null,
    timesMadeUp: true,
    turns: turns.map(({ role, messages: fragments }, turnIndex) => ({
      id: derivedTurnId(id, turnIndex + 1),
      role,
      state: "done",
      timestamp: madeUpTimestamp(start, turnIndex),
      messages: fragments,
      errorDetail: null,
      inReplyToId: null,
      revision: null,
    })),
  };
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
