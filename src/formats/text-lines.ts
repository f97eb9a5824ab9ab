import { constants, isUtf8 } from "node:buffer";

import { InputError } from "./format-errors.ts";

export interface TextLine {
  /** Counted from 1, blank ones too. */
  number: number;
  /** Null when the line is not UTF-8. */
  text: string | null;
  /** How many bytes of the input have been read so far. */
  bytesRead: number;
}

const LINE_FEED = 0x0a;
const DECODER = new TextDecoder();

/**
 * The lines of a UTF-8 stream that are not blank, without their line feeds; a byte order mark is dropped. Holds one line
 * and one chunk at a time. Throws InputError naming the line for one that is too long.
 */
export async function* readLines(stream: AsyncIterable<Buffer>): AsyncGenerator<TextLine> {
  let number = 1;
  let bytesRead = 0;
  let lineStart = 0;
  // In pieces: putting each chunk to a long line would copy the line each time.
  let pieces: Buffer[] = [];
  for await (const chunk of stream) {
    bytesRead += chunk.length;
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      const text = decode([...pieces, chunk.subarray(start, end)]);
      if (text?.trim() !== "") yield { number, text, bytesRead };
      number += 1;
      pieces = [];
      start = end + 1;
      lineStart = bytesRead - chunk.length + start;
    }
    if (bytesRead - lineStart > constants.MAX_STRING_LENGTH)
      throw new InputError(`line ${number} is too long to be read`);
    pieces.push(chunk.subarray(start));
  }
  const text = decode(pieces);
  if (text?.trim() !== "") yield { number, text, bytesRead };
}

function decode(pieces: readonly Buffer[]): string | null {
  const bytes = Buffer.concat(pieces);
  return isUtf8(bytes) ? DECODER.decode(bytes) : null;
}
