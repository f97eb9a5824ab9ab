import { constants } from "node:buffer";

import { InputError } from "./format-errors.ts";

export interface TextLine {
  /** Counted from 1, blank ones too. */
  number: number;
  text: string;
  /** How many bytes of the input have been read so far. */
  bytesRead: number;
}

const LINE_FEED = 0x0a;
const DECODER = new TextDecoder("utf-8", { fatal: true });

/**
 * The lines of a UTF-8 stream that are not blank, without their line feeds; a byte order mark is dropped. Holds one line
 * and one chunk at a time. Throws InputError naming the line for bytes that are not UTF-8 and for a line that is too long.
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
      const text = decode([...pieces, chunk.subarray(start, end)], number);
      if (text.trim() !== "") yield { number, text, bytesRead };
      number += 1;
      pieces = [];
      start = end + 1;
      lineStart = bytesRead - chunk.length + start;
    }
    if (bytesRead - lineStart > constants.MAX_STRING_LENGTH)
      throw new InputError(`line ${number} is too long to be read`);
    pieces.push(chunk.subarray(start));
  }
  const text = decode(pieces, number);
  if (text.trim() !== "") yield { number, text, bytesRead };
}

function decode(pieces: readonly Buffer[], number: number): string {
  try {
    return DECODER.decode(Buffer.concat(pieces));
  } catch (error) {
    throw new InputError(`line ${number} is not valid UTF-8`, { cause: error });
  }
}
