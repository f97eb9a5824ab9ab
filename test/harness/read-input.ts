import { Readable } from "node:stream";

import { formatNamed } from "../../src/formats/detect.ts";
import { readConversations } from "../../src/formats/read-conversations.ts";
import { ReadingNotes } from "../../src/formats/reading-notes.ts";
import type { ConversationRecord } from "../../src/model/conversation-record.ts";

export interface ReadText {
  records: ConversationRecord[];
  /** One for each bad record: `position: fault`. */
  problems: string[];
  notes: string[];
}

/** Reads a file's content with the readers of the product. A value is read as its JSON text, over several lines. */
export async function readInput(
  content: Buffer | string | object,
  format?: string,
  { created = null, ...options }: { created?: Date | null; repair?: boolean; allBranches?: boolean } = {},
): Promise<ReadText> {
  const bytes = Buffer.isBuffer(content)
    ? content
    : Buffer.from(typeof content === "string" ? content : JSON.stringify(content, null, 1));
  const notes = new ReadingNotes(options);
  const records: ConversationRecord[] = [];
  const problems: string[] = [];
  // Small chunks, so that lines and characters are cut in the middle.
  const stream = Readable.from(chunks(bytes, 7));
  for await (const { position, result } of readConversations(
    stream,
    { format: format === undefined ? undefined : formatNamed(format), created },
    notes,
  )) {
    if (result instanceof Error) problems.push(`${position}: ${result.message}`);
    else records.push(result);
  }
  return { records, problems, notes: notes.lines() };
}

/** The one conversation of a content without faults. */
export async function readOne(content: string | object): Promise<ConversationRecord> {
  const { records, problems } = await readInput(content);
  const [record] = records;
  if (record === undefined || records.length > 1) throw new Error(`${records.length} records, problems: ${problems}`);
  return record;
}

function* chunks(bytes: Buffer, size: number): Generator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}
