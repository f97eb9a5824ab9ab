import { parseJson } from "../../model/json.ts";
import { FRAGMENT_FORMS, FRAGMENT_KINDS, type FragmentKind } from "../../model/message-fragment.ts";
import { findQuote, startsWith } from "./bytes.ts";
import type { RawValues } from "./values.ts";

/** A fragment, with the values of its keys at their places in `FRAGMENT_KEYS`, as JSON text. */
export interface RawFragment {
  kind: FragmentKind;
  texts: RawValues;
}

/** The keys of each kind, in the order of their values; only the last, `metadata`, may be absent. */
export const FRAGMENT_KEYS: Record<FragmentKind, readonly string[]> = {
  text: Object.keys(FRAGMENT_FORMS.text),
  functionCall: Object.keys(FRAGMENT_FORMS.functionCall),
  functionResponse: Object.keys(FRAGMENT_FORMS.functionResponse),
};

const KINDS = FRAGMENT_KINDS.map((kind) => ({
  kind,
  keys: FRAGMENT_KEYS[kind],
  opening: Buffer.from(`{"kind":"${kind}"`),
  openings: FRAGMENT_KEYS[kind].map((key) => Buffer.from(`,"${key}":`)),
}));

/**
 * The fragments in the text of a turn's messages. A text that this program wrote is cut in place. One that another program
 * spelled differently (spaces, another order of keys) is parsed, and its values are written again. Throws for a text that
 * is no array of fragments.
 */
export function splitFragments(bytes: Buffer, start: number, end: number): readonly RawFragment[] {
  return cutFragments(bytes, start, end) ?? spellFragments(bytes.toString("utf8", start, end));
}

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

function cutFragments(bytes: Buffer, start: number, end: number): RawFragment[] | null {
  const fragments: RawFragment[] = [];
  if (end - start === 2) return fragments;
  // Before the first fragment stands a bracket, before each other one a comma, after the last one a bracket.
  for (let at = start; at < end - 1; ) {
    if (bytes[at] !== (at === start ? OPEN_ARRAY : COMMA)) return null;
    const fragment = cutFragment(bytes, at + 1);
    if (fragment === null) return null;
    fragments.push(fragment);
    const { bounds } = fragment.texts;
    at = (bounds[bounds.length - 1] ?? end) + 1;
  }
  return bytes[end - 1] === CLOSE_ARRAY ? fragments : null;
}

/** The fragment that starts there; what is absent is an empty value at its end. Null when it is spelled in another way. */
function cutFragment(bytes: Buffer, start: number): RawFragment | null {
  const known = KINDS.find(({ opening }) => startsWith(bytes, start, opening));
  if (known === undefined) return null;
  const { kind, opening, openings } = known;
  // Only the metadata may be absent.
  const last = openings.at(-1);
  const bounds = new Array<number>(2 * openings.length);
  let at = start + opening.length;
  let next = 0;
  for (const key of openings) {
    const isThere = startsWith(bytes, at, key);
    if (!isThere && key !== last) return null;
    const value = isThere ? at + key.length : at;
    at = isThere ? endOfValue(bytes, value) : at;
    bounds[next] = value;
    bounds[next + 1] = at;
    next += 2;
  }
  return bytes[at] === CLOSE_OBJECT ? { kind, texts: { bytes, bounds } } : null;
}

function spellFragments(messages: string): RawFragment[] {
  const fragments = parseJson(messages);
  if (!Array.isArray(fragments)) throw new Error("The messages of a turn are no array.");
  return fragments.map((fragment: { [key: string]: unknown; kind?: unknown }) => {
    const known = KINDS.find(({ kind }) => kind === fragment.kind);
    if (known === undefined) throw new Error("A fragment is of no known kind.");
    const values = known.keys.map((key) => Buffer.from(key in fragment ? JSON.stringify(fragment[key]) : ""));
    let end = 0;
    const bounds = values.flatMap(({ length }) => {
      end += length;
      return [end - length, end];
    });
    return { kind: known.kind, texts: { bytes: Buffer.concat(values), bounds } };
  });
}

/** Where the value that begins there ends, in bytes that are valid JSON. */
function endOfValue(bytes: Buffer, start: number): number {
  const first = bytes[start];
  if (first === QUOTE) return endOfString(bytes, start);
  if (first === OPEN_OBJECT || first === OPEN_ARRAY) return endOfNesting(bytes, start);
  let end = start;
  while (bytes[end] !== COMMA && bytes[end] !== CLOSE_OBJECT && end < bytes.length) end += 1;
  return end;
}

function endOfString(bytes: Buffer, start: number): number {
  for (let at = start + 1; ; ) {
    const quote = findQuote(bytes, at, bytes.length);
    if (quote === bytes.length) return quote;
    if (!isEscaped(bytes, quote)) return quote + 1;
    at = quote + 1;
  }
}

/** Whether an odd number of backslashes stands before it. */
function isEscaped(bytes: Buffer, at: number): boolean {
  let before = at - 1;
  while (bytes[before] === BACKSLASH) before -= 1;
  return (at - before) % 2 === 0;
}

function endOfNesting(bytes: Buffer, start: number): number {
  let depth = 0;
  for (let at = start; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) at = endOfString(bytes, at) - 1;
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth += 1;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) depth -= 1;
    if (depth === 0) return at + 1;
  }
  return bytes.length;
}
