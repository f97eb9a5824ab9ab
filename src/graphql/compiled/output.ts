import { type Bytes, copyBytes, SLACK, type Target } from "../../store/raw/bytes.ts";
import type { RawValues } from "../../store/raw/values.ts";

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const [LETTER_T, POINT, ZERO, LETTER_Z] = [0x54, 0x2e, 0x30, 0x5a];
// "2024-05-20 10:00:00.12+00": the day, a space, the time, what is not zero of the milliseconds, and the zone, which is UTC.
const [DAY, TIME, ZONE] = [10, 19, 3];

// Of one UTF-16 code unit in UTF-8.
const MOST_BYTES = 3;

/** The bytes of a JSON text as it is written. They are not strings at any time: nothing is decoded to be encoded again. */
export class Output {
  private target: Target;
  private length = 0;

  /** For about so many bytes; it grows when they are more. */
  constructor(expected: number) {
    this.target = createTarget(expected);
  }

  /** A piece of JSON that was made ready while compiling. */
  write(piece: Bytes): void {
    this.copy(piece, 0, piece.length);
  }

  /** One ASCII character. */
  writeByte(byte: number): void {
    this.reserve(1);
    this.target.buffer[this.length] = byte;
    this.length += 1;
  }

  writeString(text: string): void {
    this.reserve(MOST_BYTES * text.length);
    this.length += this.target.buffer.write(text, this.length);
  }

  /** The value as it stands there. */
  writeText({ bytes, bounds }: RawValues, at: number): void {
    this.copy(bytes, bounds[2 * at] ?? 0, bounds[2 * at + 1] ?? 0);
  }

  /** The value, which has no control characters, as a JSON string. */
  writeQuoted({ bytes, bounds }: RawValues, at: number): void {
    const start = bounds[2 * at] ?? 0;
    const end = bounds[2 * at + 1] ?? 0;
    if (needsEscape(bytes, start, end)) {
      this.writeString(JSON.stringify(bytes.buffer.toString("utf8", start, end)));
      return;
    }
    this.writeByte(QUOTE);
    this.copy(bytes, start, end);
    this.writeByte(QUOTE);
  }

  /** An instant, which stands there as PostgreSQL spells it, as every surface shows it. */
  writeInstant({ bytes, bounds }: RawValues, at: number): void {
    const start = bounds[2 * at] ?? 0;
    const end = bounds[2 * at + 1] ?? 0;
    this.writeByte(QUOTE);
    const written = this.length;
    this.copy(bytes, start, start + TIME);
    this.target.buffer[written + DAY] = LETTER_T;
    this.writeByte(POINT);
    const fraction = start + TIME + 1;
    for (let digit = fraction; digit < fraction + 3; digit += 1) {
      this.writeByte(digit < end - ZONE ? (bytes.buffer[digit] ?? ZERO) : ZERO);
    }
    this.writeByte(LETTER_Z);
    this.writeByte(QUOTE);
  }

  private copy(source: Bytes, start: number, end: number): void {
    const count = end - start;
    this.reserve(count);
    copyBytes(source, start, end, this.target, this.length);
    this.length += count;
  }

  /** How many bytes are written. */
  get size(): number {
    return this.length;
  }

  /** The bytes that are written, in a buffer of their size; what is written from then on begins anew. */
  take(): Buffer {
    const taken = Buffer.allocUnsafe(this.length);
    this.target.buffer.copy(taken, 0, 0, this.length);
    this.clear();
    return taken;
  }

  /** Forgets what is written. */
  clear(): void {
    this.length = 0;
  }

  private reserve(count: number): void {
    // What is copied may be followed by some bytes of no meaning, which the next piece is written over.
    const needed = this.length + count + SLACK;
    if (needed <= this.target.buffer.length) return;
    const grown = createTarget(Math.max(needed, 2 * this.target.buffer.length));
    this.target.buffer.copy(grown.buffer, 0, 0, this.length);
    this.target = grown;
  }
}

function createTarget(size: number): Target {
  const buffer = Buffer.allocUnsafeSlow(size);
  return { buffer, words: new DataView(buffer.buffer, buffer.byteOffset, size) };
}

function needsEscape(bytes: Bytes, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    const byte = bytes.buffer[at];
    if (byte === QUOTE || byte === BACKSLASH) return true;
  }
  return false;
}
