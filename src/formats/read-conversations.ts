import type { ConversationRecord } from "../model/conversation-record.ts";
import { ByteSource } from "./byte-source.ts";
import { FORMATS, UNDERSTOOD } from "./detect.ts";
import type { ConversationFormat } from "./format.ts";
import { RecordError } from "./format-errors.ts";
import { readRecords } from "./read-records.ts";
import type { ReadingNotes } from "./reading-notes.ts";
import type { JsonValue, RecordValue } from "./split-records.ts";
import { syntheticStart } from "./synthetic.ts";

export interface ReadConversation {
  /** The record's place, such as `line 5` or `conversations[3]`; empty when it is the whole input. */
  position: string;
  /** The checked conversation, or its fault. */
  result: ConversationRecord | RecordError;
  /** The bytes of the input read so far, this record included. */
  done: number;
}

export interface ReadOptions {
  /** The format of every record; undefined to recognise each by its content. */
  format: ConversationFormat | undefined;
  /** The beginning of conversations without times; null for times in the year 2000. */
  created: Date | null;
}

/**
 * Every conversation of an input, in order. A bad record is one of the results, and the next one follows. Throws
 * InputError when the rest cannot be read; earlier results stay valid. Holds one record in memory.
 */
export async function* readConversations(
  stream: AsyncIterable<Buffer>,
  options: ReadOptions,
  notes: ReadingNotes,
): AsyncGenerator<ReadConversation> {
  const reader = new RecordReader(options, notes);
  const formats = options.format === undefined ? FORMATS : [options.format];
  const source = await ByteSource.open(stream);
  try {
    for await (const record of readRecords(source, formats, notes)) yield* reader.read(record, source.bytesRead);
  } finally {
    await source.close();
  }
}

/** Reads the records of one input in order. */
class RecordReader {
  readonly #options: ReadOptions;
  readonly #notes: ReadingNotes;
  /** The format of the previous record, which reads values that no format recognises. */
  #known: ConversationFormat | undefined;
  #isExplained = false;
  #index = 0;

  constructor(options: ReadOptions, notes: ReadingNotes) {
    this.#options = options;
    this.#notes = notes;
    this.#known = options.format;
  }

  *read({ line, path, content, format }: RecordValue, done: number): Generator<ReadConversation> {
    const position = [line === null ? "" : `line ${line}`, path].filter((part) => part !== "").join(", ");
    this.#known = format ?? this.#known;
    const start = syntheticStart(this.#index, this.#options.created);
    this.#index += 1;
    for (const result of this.#results(content, start)) yield { position, result, done };
  }

  #results(content: JsonValue["content"], start: Date): (ConversationRecord | RecordError)[] {
    if (content instanceof RecordError) return [content];
    if (this.#known === undefined) return [this.#notUnderstood()];
    try {
      return [this.#known.read(content.value, { notes: this.#notes, start })].flat();
    } catch (error) {
      if (error instanceof RecordError) return [error];
      // Unread fields may nest without limit, and an id derived from the content recurses into them.
      if (error instanceof RangeError) return [new RecordError("", "is nested too deeply")];
      throw error;
    }
  }

  /** The list of formats is printed once: a file may have any number of such records. */
  #notUnderstood(): RecordError {
    const explanation = this.#isExplained ? "" : `: ${UNDERSTOOD}`;
    this.#isExplained = true;
    return new RecordError("", `is in no format that is understood${explanation}`);
  }
}
