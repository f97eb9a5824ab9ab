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

/** The values between the marks, of which there are so many, the last one to the end. */
export function splitTexts(bytes: Buffer, start: number, end: number, mark: number, count: number): Texts {
  // Of its size from the start: there is one for each row.
  const bounds = new Array<number>(2 * count).fill(end);
  bounds[0] = start;
  const last = 2 * count - 1;
  for (let at = start, next = 1; at < end && next < last; at += 1) {
    if (bytes[at] !== mark) continue;
    bounds[next] = at;
    bounds[next + 1] = at + 1;
    next += 2;
  }
  return { bytes, bounds };
}
