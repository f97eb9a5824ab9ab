import type { ConversationRecord } from "../model/conversation-record.ts";
import type { ReadingNotes } from "./reading-notes.ts";

export interface RecordContext {
  notes: ReadingNotes;
  /** The synthetic beginning of a conversation without times, later for each further record of the file. */
  start: Date;
}

/**
 * A way to write conversations down. Knows JSON values only; files, lines and lists of records are handled elsewhere.
 */
export interface ConversationFormat {
  /** The name for `--format`. */
  name: string;
  /** For messages: what such a file holds. */
  description: string;
  /** Whether the value looks like one message of a conversation: a list of such is one conversation. */
  isMessage(value: unknown): boolean;
  /**
   * Whether the value (a list of messages, or an object with one) looks like one conversation, apart from errors inside
   * it.
   */
  recognises(value: unknown): boolean;
  /** The conversation, or several, in a record's value. Throws RecordError naming the field at fault. */
  read(value: unknown, context: RecordContext): ConversationRecord | ConversationRecord[];
}
