import { findControl } from "./bytes.ts";

/**
 * Values as text in the bytes that PostgreSQL sent, each given by its start and end: for callers that pass them on unread.
 * Null, and nothing else, is the empty text.
 */
export interface RawValues {
  bytes: Buffer;
  /** Start and end of the first value, of the second, and so on. */
  bounds: readonly number[];
}

/** Whether the value is null. */
export function isNull({ bounds }: RawValues, at: number): boolean {
  return bounds[2 * at] === bounds[2 * at + 1];
}

/** The value as a string. */
export function readText({ bytes, bounds }: RawValues, at: number): string {
  return bytes.toString("utf8", bounds[2 * at], bounds[2 * at + 1]);
}

/** The value as an instant, in milliseconds since 1970. */
export function readInstant(texts: RawValues, at: number): number {
  return Date.parse(`${readText(texts, at).slice(1, -1)}Z`);
}

/** The `count` values between the marks, which are control characters; the last one reaches to the end. */
export function splitValues(bytes: Buffer, start: number, end: number, mark: number, count: number): RawValues {
  // Allocated at its size, as there is one for each row: an array that grows takes three times the memory.
  const bounds = new Array<number>(2 * count);
  bounds[0] = start;
  const last = bounds.length - 1;
  for (let at = start, next = 1; next < last; at += 1) {
    at = findControl(bytes, at, end);
    // JSON text that another program wrote may have line ends between its values.
    if (at < end && bytes[at] !== mark) continue;
    bounds[next] = at;
    bounds[next + 1] = Math.min(at + 1, end);
    next += 2;
  }
  bounds[last] = end;
  return { bytes, bounds };
}
