import type { ConversationRecord } from "../store/record.ts";
import { detectFormat, UNDERSTOOD } from "./detect.ts";
import { readDocuments } from "./documents.ts";
import type { ConversationFormat, RecordContext } from "./format.ts";
import { InputError, RecordError } from "./format-errors.ts";
import type { ReadingNotes } from "./reading-notes.ts";

export interface ReadConversation {
  /** Where the record stands, such as `line 5` or `conversations[3]`; empty when it is the whole input. */
  position: string;
  /** The checked conversation, or what is wrong with it. */
  result: ConversationRecord | RecordError;
  /** How much of the input has been dealt with, this record included; estimated among the records of one document. */
  bytesRead: number;
}

/**
 * Every conversation of an input, in its order; a bad record is among the results and the reading goes on. Without a
 * format the first readable document decides which it is. Throws InputError when the input itself cannot be read or
 * understood; what was read before stays valid.
 */
export async function* readConversations(
  stream: AsyncIterable<Buffer>,
  format: ConversationFormat | undefined,
  notes: ReadingNotes,
): AsyncGenerator<ReadConversation> {
  let known = format;
  let index = 0;
  let bytesBefore = 0;
  for await (const { line, content, bytesRead } of readDocuments(stream)) {
    const place = line === null ? [] : [`line ${line}`];
    if (content instanceof RecordError) {
      yield { position: place.join(), result: content, bytesRead };
      index += 1;
      continue;
    }
    known ??= detectFormat(content.value) ?? notUnderstood(place.join());
    const records = known.split(content.value, notes);
    for (const [offset, { position, value }] of records.entries()) {
      const result = readRecord(known, value, { notes, index });
      const where = [...place, position].filter((part) => part !== "").join(", ");
      const share = (offset + 1) / records.length;
      yield { position: where, result, bytesRead: bytesBefore + (bytesRead - bytesBefore) * share };
      index += 1;
    }
    bytesBefore = bytesRead;
  }
}

function notUnderstood(place: string): never {
  throw new InputError(`${place} is in no format that is understood: ${UNDERSTOOD}`.trim());
}

function readRecord(
  format: ConversationFormat,
  value: unknown,
  context: RecordContext,
): ConversationRecord | RecordError {
  try {
    return format.read(value, context);
  } catch (error) {
    if (error instanceof RecordError) return error;
    // A field that nobody reads may nest without limit, and an id that is derived from the content goes as deep.
    if (error instanceof RangeError) return new RecordError("", "is nested too deeply");
    throw error;
  }
}
