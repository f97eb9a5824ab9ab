import { answerTooLong } from "./errors.ts";

const EXPECTED_BYTES = 65_536;
const KEPT_BYTES = 1_048_576;

// Of one UTF-16 code unit in UTF-8.
const MOST_BYTES = 3;
/** Up to so many bytes a loop copies faster than a call of the runtime does. */
const SHORT = 24;

/** The bytes of a JSON text as it is written. They are not strings at any time: nothing is decoded to be encoded again. */
export class JsonOutput {
  private buffer: Buffer;
  private length = 0;
  private most = Number.POSITIVE_INFINITY;

  /** For about so many bytes; it grows when they are more. */
  constructor(expected = EXPECTED_BYTES) {
    this.buffer = Buffer.allocUnsafeSlow(expected);
  }

  /** A piece of JSON that was made ready before. */
  write(piece: Buffer): void {
    this.copy(piece, 0, piece.length);
  }

  /** One ASCII character. */
  writeByte(byte: number): void {
    this.reserve(1);
    this.buffer[this.length] = byte;
    this.length += 1;
  }

  writeString(text: string): void {
    this.reserve(MOST_BYTES * text.length);
    this.length += this.buffer.write(text, this.length);
  }

  /** The bytes from start to end, which are JSON already. */
  copy(source: Buffer, start: number, end: number): void {
    const count = end - start;
    this.reserve(count);
    if (count > SHORT) source.copy(this.buffer, this.length, start, end);
    else for (let at = 0; at < count; at += 1) this.buffer[this.length + at] = source[start + at] ?? 0;
    this.length += count;
  }

  /** How many bytes are written. */
  get size(): number {
    return this.length;
  }

  /** The bytes that are written, in a buffer of their size; the output is empty afterwards. */
  take(): Buffer {
    const taken = Buffer.allocUnsafe(this.length);
    this.buffer.copy(taken, 0, 0, this.length);
    this.clear();
    return taken;
  }

  /** Forgets what is written, for a text of up to `most` bytes. */
  clear(most = Number.POSITIVE_INFINITY): void {
    this.length = 0;
    this.most = most;
  }

  private reserve(count: number): void {
    const needed = this.length + count;
    if (needed > this.most) throw answerTooLong(this.most);
    if (needed <= this.buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.buffer.length));
    this.buffer.copy(grown, 0, 0, this.length);
    this.buffer = grown;
  }
}

// Writing waits for nothing, so that all answers can be written in one place: it has grown to their size, and no answer
// leaves behind what it was too long for.
let scratch = new JsonOutput();

/** The bytes of what is written. LIMIT_EXCEEDED for more than `most`. */
export function toJsonBytes(write: (out: JsonOutput) => void, most?: number): Buffer {
  const out = scratch;
  // What came before may have failed in the middle.
  out.clear(most);
  write(out);
  if (out.size > KEPT_BYTES) scratch = new JsonOutput();
  return out.take();
}
