import type { JsonOutput } from "../../model/json-output.ts";
import type { RawValues } from "../../store/raw/values.ts";

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const [POINT, ZERO, LETTER_Z] = [0x2e, 0x30, 0x5a];
// `"2024-05-20T10:00:00.12"`, with its quotes: all up to the seconds, and what is not zero of the milliseconds.
const SECONDS_END = 20;

/** Writes the value as it stands there: JSON text. */
export function writeText({ bytes, bounds }: RawValues, at: number, out: JsonOutput): void {
  out.copy(bytes, bounds[2 * at] ?? 0, bounds[2 * at + 1] ?? 0);
}

/** Writes the value, which has no control characters, as a JSON string. */
export function writeQuoted({ bytes, bounds }: RawValues, at: number, out: JsonOutput): void {
  const start = bounds[2 * at] ?? 0;
  const end = bounds[2 * at + 1] ?? 0;
  if (needsEscape(bytes, start, end)) {
    out.writeString(JSON.stringify(bytes.toString("utf8", start, end)));
    return;
  }
  out.writeByte(QUOTE);
  out.copy(bytes, start, end);
  out.writeByte(QUOTE);
}

/** Writes an instant, which stands there as PostgreSQL spells it in JSON, as every surface shows it. */
export function writeInstant({ bytes, bounds }: RawValues, at: number, out: JsonOutput): void {
  const start = bounds[2 * at] ?? 0;
  const end = bounds[2 * at + 1] ?? 0;
  out.copy(bytes, start, start + SECONDS_END);
  out.writeByte(POINT);
  const fraction = start + SECONDS_END + 1;
  for (let digit = fraction; digit < fraction + 3; digit += 1) {
    out.writeByte(digit < end - 1 ? (bytes[digit] ?? ZERO) : ZERO);
  }
  out.writeByte(LETTER_Z);
  out.writeByte(QUOTE);
}

function needsEscape(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE || byte === BACKSLASH) return true;
  }
  return false;
}
