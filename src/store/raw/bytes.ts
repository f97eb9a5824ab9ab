// Bytes are looked through and copied four at a time: JavaScript takes as long for a word of four as for one of them, and
// a call of the runtime's own search or copy as long as for twenty words.

const WORD = 4;
/** The padding in bytes: a word at any offset stays in bounds. */
export const SLACK = WORD - 1;
/** From so many bytes on, the runtime's own copy is faster. */
const LONG = 64;

/** Bytes that are padded, so that a word can be read at any offset. */
export class Bytes {
  readonly buffer: Buffer;
  readonly length: number;
  readonly words: DataView;

  /** Over the buffer itself, which must not change, where something happens to stand after it in its memory. */
  constructor(buffer: Buffer) {
    const hasSlack = buffer.byteOffset + buffer.length + SLACK <= buffer.buffer.byteLength;
    this.buffer = hasSlack ? buffer : Buffer.concat([buffer], buffer.length + SLACK).subarray(0, buffer.length);
    this.length = buffer.length;
    this.words = new DataView(this.buffer.buffer, this.buffer.byteOffset, this.length + SLACK);
  }
}

/** The text's bytes. */
export function bytesOf(text: string): Bytes {
  return new Bytes(Buffer.from(text));
}

/** A place to write to. */
export interface Target {
  buffer: Buffer;
  words: DataView;
}

/** Copies the bytes from start to end to that place. Up to `SLACK` after them may be written too, and need room. */
export function copyBytes(source: Bytes, start: number, end: number, { buffer, words }: Target, at: number): void {
  if (end - start >= LONG) {
    source.buffer.copy(buffer, at, start, end);
    return;
  }
  for (let from = start, to = at; from < end; from += WORD, to += WORD) {
    words.setInt32(to, source.words.getInt32(from, true), true);
  }
}

/** Whether these bytes stand there. */
export function startsWith(bytes: Bytes, start: number, what: Bytes): boolean {
  if (start + what.length > bytes.length) return false;
  const rest = what.length % WORD;
  const whole = what.length - rest;
  for (let at = 0; at < whole; at += WORD) {
    if (bytes.words.getInt32(start + at, true) !== what.words.getInt32(at, true)) return false;
  }
  if (rest === 0) return true;
  const differ = bytes.words.getInt32(start + whole, true) ^ what.words.getInt32(whole, true);
  return (differ & ((1 << (8 * rest)) - 1)) === 0;
}

/** The whole number that is spelled in decimal from start to end, which may be negative. */
export function readInteger({ buffer }: Bytes, start: number, end: number): number {
  const isNegative = buffer[start] === 0x2d;
  let number = 0;
  for (let at = isNegative ? start + 1 : start; at < end; at += 1) number = 10 * number + (buffer[at] ?? 0) - 0x30;
  return isNegative ? -number : number;
}

// A byte of a word is below another one if a subtraction borrows from its highest bit, which was not set. What stands after
// the first such byte may seem to be one, as was borrowed from it. The constants stand where they are used: there the
// compiler knows them.

/** The place of the first quote from start to end; the end where there is none. */
export function findQuote(bytes: Bytes, start: number, end: number): number {
  for (let at = start; at < end; at += WORD) {
    const differ = bytes.words.getInt32(at, true) ^ 0x22222222;
    const zeros = (differ - 0x01010101) & ~differ & 0x80808080;
    if (zeros !== 0) return Math.min(at + firstOf(zeros), end);
  }
  return end;
}

/** The place of the first control character from start to end; the end where there is none. */
export function findControl(bytes: Bytes, start: number, end: number): number {
  for (let at = start; at < end; at += WORD) {
    const word = bytes.words.getInt32(at, true);
    const controls = (word - 0x20202020) & ~word & 0x80808080;
    if (controls !== 0) return Math.min(at + firstOf(controls), end);
  }
  return end;
}

/** Which byte of the word is the first whose highest bit is set. */
function firstOf(bits: number): number {
  return (31 - Math.clz32(bits & -bits)) >> 3;
}
