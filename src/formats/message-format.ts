import type { ConversationRecord } from "../model/conversation-record.ts";
import { isJsonObject, type JsonObject } from "../model/json.ts";
import { Fields } from "./fields.ts";
import type { ConversationFormat, RecordContext } from "./format.ts";
import { RecordError } from "./format-errors.ts";
import type { ReadingNotes } from "./reading-notes.ts";
import { TrajectoryBuilder } from "./trajectory-builder.ts";
import { wrappedRecord } from "./wrapper.ts";

/** How a format writes messages, and the object that may hold a conversation's messages. */
export interface MessageShape {
  name: string;
  description: string;
  /** Whether the value is one message, whatever its content. */
  isMessage(value: unknown): boolean;
  /** Whether only this format writes such a message. */
  isOwnMessage(value: unknown): boolean;
  /** The messages in the object, unread; anything else when there are none. */
  findMessages(wrapper: JsonObject): unknown;
  /**
   * Reads the object beside the messages, except for the fields that every such object may have. Throws RecordError.
   */
  readWrapper(wrapper: Fields): WrapperContent;
  /** Adds a message. Throws RecordError for one that cannot be kept. */
  addMessage(message: Fields, trajectory: TrajectoryBuilder, notes: ReadingNotes): void;
}

export interface WrapperContent {
  messages: Fields[];
  /** Instructions for the assistant beside the messages. */
  instructions?: string[];
  /** The conversation's id where it is not the object's `id`. */
  id?: string | null;
}

/** The format of conversations that are lists of such messages, bare or in an object. */
export function messageFormat(shape: MessageShape): ConversationFormat {
  const { name, description, isMessage } = shape;
  const isOwnList = (value: unknown) => Array.isArray(value) && value.some(shape.isOwnMessage);
  return {
    name,
    description,
    isMessage,
    recognises: (value) => isOwnList(isJsonObject(value) ? shape.findMessages(value) : value),
    read: (value, context) => readRecord(shape, value, context),
  };
}

function readRecord(shape: MessageShape, value: unknown, context: RecordContext): ConversationRecord {
  const { notes } = context;
  const wrapper = Array.isArray(value) ? null : new Fields(value, "", notes);
  const { messages, instructions = [], id } = wrapper === null ? readBare(value, notes) : shape.readWrapper(wrapper);
  if (messages.length === 0) throw new RecordError("", "holds no messages");
  const trajectory = new TrajectoryBuilder(notes);
  for (const message of messages) shape.addMessage(message, trajectory, notes);
  const { turns, instructions: said } = trajectory.build();
  return wrappedRecord({ turns, instructions: [...instructions, ...said] }, wrapper, value, context, id);
}

function readBare(value: unknown, notes: ReadingNotes): WrapperContent {
  const list = Array.isArray(value) ? value : [];
  return { messages: list.map((item, index) => new Fields(item, `[${index}]`, notes)) };
}
