import type { ConversationRecord } from "../model/conversation-record.ts";
import type { ReadingNotes } from "./reading-notes.ts";

export interface RecordContext {
  notes: ReadingNotes;
  /** When a conversation began that has no times: made up, later for each further record of the file. */
  start: Date;
}

/** One way to write conversations down. Knows JSON values only; files, lines and lists of records are others' concern. */
export interface ConversationFormat {
  /** What `--format` calls it. */
  name: string;
  /** For messages: what such a file holds. */
  description: string;
  /** Whether the value looks like one message of a conversation: a list of such is one conversation. */
  isMessage(value: unknown): boolean;
  /** Whether the value (a list of messages, or an object around one) looks like one conversation, errors inside it aside. */
  recognises(value: unknown): boolean;
  /** Checks a record's value and gives the conversation, or several. Throws RecordError naming the field at fault. */
  read(value: unknown, context: RecordContext): ConversationRecord | ConversationRecord[];
}
