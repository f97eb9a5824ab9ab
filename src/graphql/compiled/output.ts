import type { Texts } from "../../store/texts.ts";

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const [LETTER_T, POINT, ZERO, LETTER_Z] = [0x54, 0x2e, 0x30, 0x5a];
// "2024-05-20 10:00:00.12+00": the day, a space, the time, what is not zero of the milliseconds, and the zone, which is UTC.
const [DAY, TIME, ZONE] = [10, 19, 3];

// Fewer bytes than this are faster copied in a loop than by a call.
const SHORT = 24;

/** The bytes of a JSON text as it is written. They are not strings at any time: nothing is decoded to be encoded again. */
export class Output {
  private bytes: Buffer;
  private length = 0;

  /** For about so many bytes; it grows when they are more. */
  constructor(expected: number) {
    this.bytes = Buffer.allocUnsafeSlow(expected);
  }

  /** A piece of JSON that was made ready while compiling. */
  write(piece: Buffer): void {
    this.copy(piece, 0, piece.length);
  }

  /** One ASCII character. */
  writeByte(byte: number): void {
    this.reserve(1);
    this.bytes[this.length] = byte;
    this.length += 1;
  }

  writeString(text: string): void {
    this.write(Buffer.from(text));
  }

  /** The value as it stands there. */
  writeText({ bytes, bounds }: Texts, at: number): void {
    this.copy(bytes, bounds[2 * at] ?? 0, bounds[2 * at + 1] ?? 0);
  }

  /** The value, which has no control characters, as a JSON string. */
  writeQuoted({ bytes, bounds }: Texts, at: number): void {
    const [start = 0, end = 0] = [bounds[2 * at], bounds[2 * at + 1]];
    if (needsEscape(bytes, start, end)) {
      this.writeString(JSON.stringify(bytes.toString("utf8", start, end)));
      return;
    }
    this.writeByte(QUOTE);
    this.copy(bytes, start, end);
    this.writeByte(QUOTE);
  }

  /** An instant, which stands there as PostgreSQL spells it, as every surface shows it. */
  writeInstant({ bytes, bounds }: Texts, at: number): void {
    const [start = 0, end = 0] = [bounds[2 * at], bounds[2 * at + 1]];
    this.writeByte(QUOTE);
    this.copy(bytes, start, start + DAY);
    this.writeByte(LETTER_T);
    this.copy(bytes, start + DAY + 1, start + TIME);
    this.writeByte(POINT);
    const fraction = start + TIME + 1;
    for (let digit = fraction; digit < fraction + 3; digit += 1) {
      this.writeByte(digit < end - ZONE ? (bytes[digit] ?? ZERO) : ZERO);
    }
    this.writeByte(LETTER_Z);
    this.writeByte(QUOTE);
  }

  copy(source: Buffer, start: number, end: number): void {
    const count = end - start;
    this.reserve(count);
    if (count < SHORT) {
      const { bytes, length } = this;
      for (let at = 0; at < count; at += 1) bytes[length + at] = source[start + at] ?? 0;
    } else {
      source.copy(this.bytes, this.length, start, end);
    }
    this.length += count;
  }

  /** How many bytes are written. */
  get size(): number {
    return this.length;
  }

  /** The bytes that are written, in a buffer of their size; what is written from then on begins anew. */
  take(): Buffer {
    const taken = Buffer.allocUnsafe(this.length);
    this.bytes.copy(taken, 0, 0, this.length);
    this.clear();
    return taken;
  }

  /** Forgets what is written. */
  clear(): void {
    this.length = 0;
  }

  private reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.bytes.length));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }
}

function needsEscape(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE || byte === BACKSLASH) return true;
  }
  return false;
}
