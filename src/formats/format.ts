import type { ConversationRecord } from "../model/conversation-record.ts";
import type { ReadingNotes } from "./reading-notes.ts";

/** A record's JSON value, not yet checked, and where in its document it stands; the whole document is at "". */
export interface RecordValue {
  position: string;
  value: unknown;
}

export interface RecordContext {
  notes: ReadingNotes;
  /** The record's index in the file, from 0, refused ones counted: made-up times grow with it. */
  index: number;
}

/** One way to write conversations down. Knows JSON values only; files and lines are another file's concern. */
export interface ConversationFormat {
  /** What `--format` calls it. */
  name: string;
  /** For messages: what such a file holds. */
  description: string;
  /** Whether the document (a whole file or one line) looks like this format, errors inside it aside. */
  recognises(document: unknown): boolean;
  /** The document's records, in its order. */
  split(document: unknown, notes: ReadingNotes): RecordValue[];
  /** Checks a record's value and gives the conversation. Throws RecordError naming the field at fault. */
  read(value: unknown, context: RecordContext): ConversationRecord;
}

/** The values of an array as records. */
export function elements(array: readonly unknown[], path = ""): RecordValue[] {
  return array.map((value, index) => ({ position: `${path}[${index}]`, value }));
}
