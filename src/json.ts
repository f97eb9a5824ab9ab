/**
 * JSON that survives a round trip: numbers keep the digits they were written with.
 *
 * `JSON.parse` turns 12345678901234567890 into 12345678901234567000, which silently renames an order or a user inside a
 * function call's arguments. A number that a double cannot write back unchanged is therefore kept as its source text.
 */

declare global {
  interface JSON {
    /** A value that `JSON.stringify` writes as the given number, digit for digit (in Node since 21). */
    rawJSON(text: string): unknown;
  }
}

export type JsonObject = { [key: string]: unknown };

// A number that a double cannot hold has at least 16 digits, and one written with a fraction or exponent may be spelled
// differently by JavaScript; only a text that holds such a run pays for the slow reviver. A match inside a string costs time, nothing else.
const MAYBE_INEXACT = /\d{16}|\d\.\d|\d[eE]|-0/;

/** Parses a JSON text; numbers that JavaScript would write back differently keep their source text. Throws SyntaxError. */
export function parseJson(text: string): unknown {
  return MAYBE_INEXACT.test(text) ? JSON.parse(text, keepSource) : JSON.parse(text);
}

function keepSource(_key: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === "number" && context?.source !== undefined && String(value) !== context.source
    ? JSON.rawJSON(context.source)
    : value;
}

/** Whether the value is a JSON object (not null, not an array, not a number kept as text). */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isRawNumber(value);
}

/** Whether the value is a number that `parseJson` kept as its source text. */
function isRawNumber(value: object): boolean {
  return Object.getPrototypeOf(value) === null && Object.isFrozen(value) && "rawJSON" in value;
}

/** Whether PostgreSQL can store the text as it is: no NUL, no half of a surrogate pair. */
export function isStorableText(text: string): boolean {
  return text.isWellFormed() && !text.includes("\0");
}

/** The path of the first string (keys included) in the value that PostgreSQL could not store, or null when there is none. */
export function findUnstorableText(value: unknown, path: readonly string[] = []): readonly string[] | null {
  if (typeof value === "string") return isStorableText(value) ? null : path;
  if (typeof value !== "object" || value === null) return null;
  for (const [key, child] of Object.entries(value)) {
    const found = isStorableText(key) ? findUnstorableText(child, [...path, key]) : path;
    if (found !== null) return found;
  }
  return null;
}
