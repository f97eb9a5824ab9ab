/**
 * JSON that survives a round trip: numbers keep their digits, and objects the order of their keys. `JSON.parse` turns
 * 12345678901234567890 into 12345678901234567000, which silently changes an order number or a user id inside a function
 * call's arguments. A number that a double cannot reproduce is therefore kept as its source text.
 */

import { checkDepth, parseExact } from "./exact-json.ts";

declare global {
  interface JSON {
    /** A value that `JSON.stringify` writes as the given number, digit for digit (in Node since 21). */
    rawJSON(text: string): unknown;
  }
}

export type JsonObject = { [key: string]: unknown };

// What JavaScript may write differently: more digits than a double holds, a fraction that ends in 0, an exponent, -0;
// and keys that it may move. Only a text with one of these pays for the slower parser. A match inside a string costs
// time, nothing else.
const MAYBE_INEXACT = /[\d.]{16}|\.\d*0(?!\d)|\d[eE][-+]?\d|(?:^|[[:,\s])-0|"\d{1,10}"\s*:/;

/**
 * Parses a JSON text. Numbers that JavaScript would write differently keep their source text, and keys their order; an
 * object whose keys JavaScript would move is frozen. Throws SyntaxError, or RangeError for a text that nests too deep, and
 * for one with more than `mostMoved` keys in such objects.
 */
export function parseJson(text: string, mostMoved = Number.POSITIVE_INFINITY): unknown {
  if (!MAYBE_INEXACT.test(text)) return JSON.parse(text);
  checkDepth(text);
  return parseExact(text, isRespelled, mostMoved);
}

function isRespelled(source: string): boolean {
  return String(Number(source)) !== source;
}

/** The most keys of a request in objects whose keys JavaScript would move: such an object is walked slowly, every time. */
export const MAX_MOVED_KEYS = 10_000;

/**
 * Parses the JSON text of a request, in which numbers are arguments as well as contents: only a number whose value
 * JavaScript would change keeps its source text, so that 1.0 is still the integer 1. Otherwise as `parseJson`. The depth
 * comes first: of a megabyte that only opens lists, `JSON.parse` takes 60 MB and a third of a second to refuse it.
 */
export function parseRequestJson(text: string): unknown {
  checkDepth(text);
  return MAYBE_INEXACT.test(text) ? parseExact(text, isInexact, MAX_MOVED_KEYS) : JSON.parse(text);
}

function isInexact(source: string): boolean {
  return !Number.isSafeInteger(Number(source)) && isRespelled(source);
}

/** Whether the value is a JSON object: not null, an array, or a number kept as text. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isRawNumber(value);
}

/** Whether the value is a number that was kept as its source text. */
export function isRawNumber(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.getPrototypeOf(value) === null && Object.isFrozen(value) && "rawJSON" in value;
}

/** Whether the value nests more than `depth` objects and arrays. Visits one level more than that at most. */
export function isDeeperThan(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (depth === 0) return true;
  if (Array.isArray(value)) return value.some((item) => isDeeperThan(item, depth - 1));
  return Object.values(value).some((child) => isDeeperThan(child, depth - 1));
}

/** Whether PostgreSQL can store the text unchanged: no NUL, no half of a surrogate pair. */
export function isStorableText(text: string): boolean {
  return text.isWellFormed() && !text.includes("\0");
}

/** The path of the first string in the value (keys included) that PostgreSQL cannot store; null when there is none. */
export function findUnstorableText(value: unknown): readonly string[] | null {
  if (typeof value === "string") return isStorableText(value) ? null : [];
  if (typeof value !== "object" || value === null) return null;
  // Most values are fine: a path is built only on the way back from one that is not.
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) {
      const found = findUnstorableText(value[index]);
      if (found !== null) return [String(index), ...found];
    }
    return null;
  }
  for (const [key, child] of Object.entries(value)) {
    if (!isStorableText(key)) return [];
    const found = findUnstorableText(child);
    if (found !== null) return [key, ...found];
  }
  return null;
}
