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
  /** Where the record stands, such as `line 5` or `conversations[3]`; empty when it is the whole input. */
  position: string;
  /** The checked conversation, or what is wrong with it. */
  result: ConversationRecord | RecordError;
  /** How many bytes of the input have been read, this record included. */
  done: number;
}

export interface ReadOptions {
  /** The format of every record; undefined to tell each record's by its content. */
  format: ConversationFormat | undefined;
  /** When conversations without times began; null for times in the year 2000. */
  created: Date | null;
}

/**
 * Every conversation of an input, in its order; a bad record is among the results and the reading goes on. Throws InputError
 * when the input cannot be read any further; what was read before stays valid.
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

/** Reads the records of one input, one after the other. */
class RecordReader {
  readonly #options: ReadOptions;
  readonly #notes: ReadingNotes;
  /** The format of the record before: what no format recognises is read as one more of those. */
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
      // A field that nobody reads may nest without limit, and an id that is derived from the content goes as deep.
      if (error instanceof RangeError) return [new RecordError("", "is nested too deeply")];
      throw error;
    }
  }

  /** Which formats are understood is said once: a file may have any number of such records. */
  #notUnderstood(): RecordError {
    const explanation = this.#isExplained ? "" : `: ${UNDERSTOOD}`;
    this.#isExplained = true;
    return new RecordError("", `is in no format that is understood${explanation}`);
  }
}
