import type { ByteSource } from "./byte-source.ts";
import type { ConversationFormat } from "./format.ts";
import { goesOnAsLines } from "./json-lines.ts";
import { parseText } from "./parse-text.ts";
import { DocumentReader } from "./read-document.ts";
import type { ReadingNotes } from "./reading-notes.ts";
import { type JsonValue, RecordSplitter, type RecordValue } from "./split-records.ts";
import { readLines, skipBlankLines } from "./text-lines.ts";

/**
 * The most bytes of a document that are kept before its first record is found: it may turn out to be broken JSON Lines.
 */
const MAX_KEPT = 16 * 1024 * 1024;

/**
 * The records of an input: those in its first JSON value, which may span lines, then those in each further line (JSON
 * Lines). Nothing for a blank input. Throws InputError when the rest of the input cannot be read. Holds one record of a
 * list in memory.
 */
export async function* readRecords(
  source: ByteSource,
  formats: readonly ConversationFormat[],
  notes: ReadingNotes,
): AsyncGenerator<RecordValue> {
  const lines = new RecordSplitter(formats, notes);
  const { line, first } = await skipBlankLines(source);
  let next: number | null = line;
  if (first === 0x5b || first === 0x7b) {
    const list = new RecordSplitter(formats, notes);
    next = yield* readDocument(source, new DocumentReader({ lines, list, firstLine: line }), line);
  }
  if (next === null) return;
  for await (const { number, bytes } of readLines(source, next)) {
    const { content } = parseText(bytes, number);
    if (!isEmptyList(content)) yield* lines.add({ line: number, path: "", content });
  }
  yield* lines.endLines();
}

/** The records in the first value. Returns the line after it, where JSON Lines continue; null when nothing follows. */
async function* readDocument(
  source: ByteSource,
  document: DocumentReader,
  firstLine: number,
): AsyncGenerator<RecordValue, number | null> {
  let kept: Buffer[] | null = [];
  let size = 0;
  for (let chunk = await source.read(); chunk !== null; chunk = await source.read()) {
    kept?.push(chunk);
    size += chunk.length;
    const records = document.read(chunk);
    if (records.length > 0 || size > MAX_KEPT) kept = null;
    yield* records;
    if (document.rest !== null) {
      source.unread(document.rest);
      return document.line;
    }
    if (document.fault !== null) break;
  }
  if (kept !== null) {
    source.unread(...kept);
    if (await goesOnAsLines(source)) return firstLine;
  }
  yield document.breakOff(kept);
  return null;
}

/** An empty list of conversations, in any format. */
function isEmptyList(content: JsonValue["content"]): boolean {
  return "value" in content && Array.isArray(content.value) && content.value.length === 0;
}
