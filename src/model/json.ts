import { mayMoveKeys, parseInOrder } from "./json-order.ts";

/**
 * JSON that survives a round trip: numbers keep the digits, and objects the order of keys, that they were written with.
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

// What JavaScript may spell differently: more digits than a double holds, a fraction that ends in 0, an exponent, -0. Only
// a text that has one pays for the slow reviver. A match inside a string costs time, nothing else.
const MAYBE_INEXACT = /[\d.]{16}|\.\d*0(?!\d)|\d[eE][-+]?\d|(?:^|[[:,\s])-0/;

/**
 * Parses a JSON text; numbers that JavaScript would write back differently keep their source text, and keys their order.
 * An object whose keys JavaScript would move is frozen. Throws SyntaxError.
 */
export function parseJson(text: string): unknown {
  return parse(text, keepSource);
}

/**
 * Parses the JSON text of a request, whose numbers are arguments of ours as well as contents: only a number whose value
 * JavaScript would change keeps its source text, so that 1.0 is still the integer 1. Throws SyntaxError.
 */
export function parseRequestJson(text: string): unknown {
  return parse(text, keepInexact);
}

function parse(text: string, toNumber: (value: number, source: string) => unknown): unknown {
  if (mayMoveKeys(text)) return parseInOrder(text, toNumber);
  if (!MAYBE_INEXACT.test(text)) return JSON.parse(text);
  return JSON.parse(text, (_key: string, value: unknown, context?: { source?: string }) =>
    typeof value === "number" && context?.source !== undefined ? toNumber(value, context.source) : value,
  );
}

function keepSource(value: number, source: string): unknown {
  return String(value) === source ? value : JSON.rawJSON(source);
}

function keepInexact(value: number, source: string): unknown {
  return Number.isSafeInteger(value) ? value : keepSource(value, source);
}

/** Whether the value is a JSON object (not null, not an array, not a number kept as text). */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isRawNumber(value);
}

/** Whether the value is a number that `parseJson` kept as its source text. */
function isRawNumber(value: object): boolean {
  return Object.getPrototypeOf(value) === null && Object.isFrozen(value) && "rawJSON" in value;
}

/** Whether the value nests more than `depth` objects and arrays. Looks one level deeper than that and no further. */
export function isDeeperThan(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return depth === 0 || Object.values(value).some((child) => isDeeperThan(child, depth - 1));
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
