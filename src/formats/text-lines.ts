import type { ByteSource } from "./byte-source.ts";
import { Gathered } from "./gathered.ts";

export interface Line {
  /** Counted from 1, blank lines included. */
  number: number;
  bytes: Buffer;
}

const LINE_FEED = 0x0a;
const WHITE_SPACE = new Set([0x20, 0x09, 0x0d, LINE_FEED]);

/**
 * The lines up to the end of the source that are not blank, without their line feeds; the first has the given number.
 * Holds one line and one chunk at a time. Throws InputError naming the line for one that is too long.
 */
export async function* readLines(source: ByteSource, firstNumber: number): AsyncGenerator<Line> {
  let number = firstNumber;
  const line = new Gathered();
  for (let chunk = await source.read(); chunk !== null; chunk = await source.read()) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      line.add(chunk.subarray(start, end), number);
      const bytes = line.take();
      if (!isBlank(bytes)) yield { number, bytes };
      number += 1;
      start = end + 1;
    }
    line.add(chunk.subarray(start), number);
  }
  const bytes = line.take();
  if (!isBlank(bytes)) yield { number, bytes };
}

/** Reads up to the first byte that is no white space. Returns its line, and the byte (undefined at the end). */
export async function skipBlankLines(source: ByteSource): Promise<{ line: number; first: number | undefined }> {
  let number = 1;
  for (let chunk = await source.read(); chunk !== null; chunk = await source.read()) {
    for (const [index, byte] of chunk.entries()) {
      if (!WHITE_SPACE.has(byte)) {
        source.unread(chunk.subarray(index));
        return { line: number, first: byte };
      }
      if (byte === LINE_FEED) number += 1;
    }
  }
  return { line: number, first: undefined };
}

/** Whether the bytes are JSON's white space only. */
export function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => WHITE_SPACE.has(byte));
}
