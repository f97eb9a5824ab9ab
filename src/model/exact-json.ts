import { randomBytes } from "node:crypto";

import { orderedObject } from "./ordered-object.ts";

// `JSON.parse` with a reviver takes most of a second for a megabyte of small values, and has lost the order of keys by
// then. Here the numbers to keep become strings, and the keys that would move get a mark, both in a form that no caller
// can write; the result of `JSON.parse` is then converted back.

/** Whether the number with this source text keeps it. */
type IsKept = (source: string) => boolean;

const MARK = randomBytes(9).toString("base64url");

// Deeper than any value that may be stored, and shallow enough for recursion.
const MAX_DEPTH = 2000;

const [QUOTE, BACKSLASH, COLON, MINUS, ZERO, NINE] = [0x22, 0x5c, 0x3a, 0x2d, 0x30, 0x39];
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
const SPACES = new Set([0x20, 0x09, 0x0a, 0x0d]);
// What may follow in a number: "+", "-", ".", "E", "e".
const IN_NUMBER = new Set([0x2b, MINUS, 0x2e, 0x45, 0x65]);
// The greatest key that JavaScript treats as an array index, and its number of digits.
const [MAX_INDEX, INDEX_DIGITS] = [4_294_967_294, 10];

/**
 * Parses a JSON text as `JSON.parse` does, but gives the numbers to keep as `JSON.rawJSON`, and each object's keys in
 * the order of the text. The cost grows with the length of the text, which must not nest too deep (`checkDepth`). Throws
 * SyntaxError, and RangeError for more than `mostMoved` keys in objects of which JavaScript would move any.
 */
export function parseExact(text: string, isKept: IsKept, mostMoved = Number.POSITIVE_INFINITY): unknown {
  const value: unknown = JSON.parse(text);
  const marked = mark(text, isKept, mostMoved);
  return marked === null ? value : unmark(JSON.parse(marked));
}

/** Throws RangeError for a text that nests too deep. */
export function checkDepth(text: string): void {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at) - 1;
    else if (code === OPEN_ARRAY || code === OPEN_OBJECT) depth += 1;
    else if (code === CLOSE_ARRAY || code === CLOSE_OBJECT) depth -= 1;
    if (depth > MAX_DEPTH) throw new RangeError("nests too deep");
  }
}

/** The valid JSON text with the numbers to keep as marked strings, and marked keys; null when it has none of either. */
function mark(text: string, isKept: IsKept, mostMoved: number): string | null {
  let marked = "";
  let done = 0;
  const order = new KeyOrder(mostMoved);
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = endOfString(text, at);
      if (isKey(text, end)) {
        if (order.isMoved(indexOf(text, at, end))) {
          marked += text.slice(done, at + 1) + MARK;
          done = at + 1;
        }
      }
      at = end;
    } else if (code === MINUS || isDigit(code)) {
      const end = endOfNumber(text, at);
      const source = text.slice(at, end);
      if (isKept(source)) {
        marked += `${text.slice(done, at)}"${MARK}${source}"`;
        done = end;
      }
      at = end;
    } else {
      if (code === OPEN_OBJECT) order.open();
      else if (code === CLOSE_OBJECT) order.close();
      at += 1;
    }
  }
  return done === 0 ? null : marked + text.slice(done);
}

/** The keys of the objects that are open, and which of them JavaScript would move. */
class KeyOrder {
  /** Of each object the greatest index among its keys so far; Infinity after a key that is none. */
  readonly #greatest: number[] = [];
  readonly #keys: number[] = [];
  readonly #isMoved: boolean[] = [];
  readonly #most: number;
  #left: number;

  /** Objects with such keys may have up to `most` keys together. */
  constructor(most: number) {
    this.#most = most;
    this.#left = most;
  }

  open(): void {
    this.#greatest.push(-1);
    this.#keys.push(0);
    this.#isMoved.push(false);
  }

  /** Throws RangeError where the objects have too many keys. */
  close(): void {
    this.#greatest.pop();
    const keys = this.#keys.pop() ?? 0;
    if (this.#isMoved.pop()) this.#left -= keys;
    if (this.#left < 0) throw new RangeError(`has more than ${this.#most} keys in objects with numbers out of order`);
  }

  /** Whether JavaScript would move the next key of the innermost object, which is this array index; null for any other key. */
  isMoved(index: number | null): boolean {
    const last = this.#greatest.length - 1;
    this.#keys[last] = (this.#keys[last] ?? 0) + 1;
    const isInOrder = index !== null && index > (this.#greatest[last] ?? -1);
    // A marked key is no index any more: JavaScript would move every index that follows.
    this.#greatest[last] = isInOrder ? index : Number.POSITIVE_INFINITY;
    const isMoved = index !== null && !isInOrder;
    if (isMoved) this.#isMoved[last] = true;
    return isMoved;
  }
}

/** Whether the string that ends there is a key. */
function isKey(text: string, end: number): boolean {
  let next = end;
  while (SPACES.has(text.charCodeAt(next))) next += 1;
  return text.charCodeAt(next) === COLON;
}

/** The array index that JavaScript takes the key there for, and lists before all other keys; null for any other key. */
function indexOf(text: string, start: number, end: number): number | null {
  const digits = end - start - 2;
  if (digits === 0 || digits > INDEX_DIGITS) return null;
  if (digits > 1 && text.charCodeAt(start + 1) === ZERO) return null;
  let index = 0;
  for (let at = start + 1; at < end - 1; at += 1) {
    const code = text.charCodeAt(at);
    if (!isDigit(code)) return null;
    index = 10 * index + code - ZERO;
  }
  return index <= MAX_INDEX ? index : null;
}

/** Where the string ends that begins there; behind the text where it does not end. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at + 1;
}

function endOfNumber(text: string, start: number): number {
  let at = start + 1;
  while (isDigit(text.charCodeAt(at)) || IN_NUMBER.has(text.charCodeAt(at))) at += 1;
  return at;
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE;
}

function unmark(value: unknown): unknown {
  if (typeof value === "string") return value.startsWith(MARK) ? JSON.rawJSON(value.slice(MARK.length)) : value;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) value[index] = unmark(value[index]);
    return value;
  }
  // Safe cast: JSON has no other objects.
  return unmarkObject(value as Record<string, unknown>);
}

function unmarkObject(members: Record<string, unknown>): Record<string, unknown> {
  const keys = Object.keys(members);
  // In place: no key changes its place or becomes the prototype.
  for (const key of keys) {
    const value = members[key];
    if (typeof value === "string" || typeof value === "object") members[key] = unmark(value);
  }
  if (!keys.some((key) => key.startsWith(MARK))) return members;
  return orderedObject(keys.map((key) => [key.startsWith(MARK) ? key.slice(MARK.length) : key, members[key]]));
}
