/**
 * Values as text in the bytes that PostgreSQL sent, each named by where it starts and where it ends: for who hands them
 * on unread. Null, and nothing else, is the empty text.
 */
export interface Texts {
  bytes: Buffer;
  /** Start and end of the first value, of the second, and so on. */
  bounds: readonly number[];
}

/** Whether the value is null. */
export function isNull({ bounds }: Texts, at: number): boolean {
  return bounds[2 * at] === bounds[2 * at + 1];
}

/** The value as a string. */
export function readText({ bytes, bounds }: Texts, at: number): string {
  return bytes.toString("utf8", bounds[2 * at], bounds[2 * at + 1]);
}

/** The value as an instant, in milliseconds since 1970. */
export function readInstant(texts: Texts, at: number): number {
  return Date.parse(`${readText(texts, at).replace(" ", "T")}:00`);
}

/** Whether these bytes stand there. A loop, as they are few: a call costs more than looking at them. */
export function startsWith(bytes: Buffer, start: number, what: Buffer): boolean {
  for (let at = 0; at < what.length; at += 1) if (bytes[start + at] !== what[at]) return false;
  return true;
}

/** The values between the marks, up to so many of them, the last one to the end. */
export function splitTexts(bytes: Buffer, start: number, end: number, mark: number, limit: number): Texts {
  const bounds = [start];
  for (let at = start; at < end && bounds.length < 2 * limit - 1; at += 1) {
    if (bytes[at] === mark) bounds.push(at, at + 1);
  }
  bounds.push(end);
  return { bytes, bounds };
}
