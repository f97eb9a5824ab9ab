import type { ConversationRecord } from "../model/conversation-record.ts";
import { detectFormat, UNDERSTOOD } from "./detect.ts";
import { type JsonDocument, readDocuments } from "./documents.ts";
import type { ConversationFormat, RecordContext } from "./format.ts";
import { RecordError } from "./format-errors.ts";
import type { ReadingNotes } from "./reading-notes.ts";

export interface ReadConversation {
  /** Where the record stands, such as `line 5` or `conversations[3]`; empty when it is the whole input. */
  position: string;
  /** The checked conversation, or what is wrong with it. */
  result: ConversationRecord | RecordError;
  /** How many bytes of the input have been dealt with, this record included; estimated among the records of one document. */
  done: number;
}

/**
 * Every conversation of an input, in its order; a bad record is among the results and the reading goes on. Without a
 * format the first document that is understood decides which it is. Throws InputError when the input cannot be read any
 * further; what was read before stays valid.
 */
export async function* readConversations(
  stream: AsyncIterable<Buffer>,
  format: ConversationFormat | undefined,
  notes: ReadingNotes,
): AsyncGenerator<ReadConversation> {
  let known = format;
  let isExplained = false;
  let index = 0;
  let bytesBefore = 0;
  for await (const { line, content, bytesRead } of readDocuments(stream)) {
    const place = line === null ? [] : [`line ${line}`];
    if (isEmptyList(content)) continue;
    if (!(content instanceof RecordError)) known ??= detectFormat(content.value);
    if (content instanceof RecordError || known === undefined) {
      const error: RecordError = content instanceof RecordError ? content : notUnderstood(isExplained);
      isExplained ||= error !== content;
      yield { position: place.join(), result: error, done: bytesRead };
      index += 1;
      continue;
    }
    const records = known.split(content.value, notes);
    for (const [offset, { position, value }] of records.entries()) {
      const result = readRecord(known, value, { notes, index });
      const where = [...place, position].filter((part) => part !== "").join(", ");
      const share = (offset + 1) / records.length;
      yield { position: where, result, done: bytesBefore + (bytesRead - bytesBefore) * share };
      index += 1;
    }
    bytesBefore = bytesRead;
  }
}

/** No conversations, in every format. */
function isEmptyList(content: JsonDocument["content"]): boolean {
  return "value" in content && Array.isArray(content.value) && content.value.length === 0;
}

/** Which formats are understood is said once: a file may have any number of such lines. */
function notUnderstood(isExplained: boolean): RecordError {
  return new RecordError("", `is in no format that is understood${isExplained ? "" : `: ${UNDERSTOOD}`}`);
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
