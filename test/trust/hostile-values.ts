import fc from "fast-check";

import { encodeCursor } from "../../src/relay/cursor.ts";
import type { Ordering } from "../../src/relay/ordering.ts";

// What parsers, databases, terminals and templates stumble over.
const SNAGS = [
  ..."\0\x01\x1b\x7f\u0085\u2028\ufeff\ufffe\uffff\u202e\u200f\ud800\udfff",
  ..."'\"`\\%_;:$*?&#/<>{}[]()|^~@!+-= \t\r\n",
  "א",
  "e\u0301",
  "🙂",
  "\u{10ffff}",
  "--",
  "$".concat("{x}"),
  "{{x}}",
  "%00",
  "\\u0000",
];
const NAMES = [
  "",
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "__typename",
  "null",
  "NULL",
  "0",
  "-1",
];
const IDS = ["conv_mine", "turn_mine_1", "turn_mine_2", "conv_", "turn_", "conv_hers", "turn_hers_1", "foreign"];

/** A short text, often of what is seldom thought of. */
export const text = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .array(fc.oneof(fc.constantFrom(...SNAGS), fc.string({ unit: "grapheme", maxLength: 3 })), { maxLength: 6 })
      .map((parts) => parts.join("")),
  },
  { weight: 2, arbitrary: fc.constantFrom(...NAMES) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 30 }) },
);

/** A text that may be longer than a limit allows, and now and then very long. */
export const longText = fc
  .tuple(
    text,
    fc.oneof(
      { weight: 12, arbitrary: fc.constantFrom(1, 1, 64, 65, 129, 257, 513) },
      { weight: 1, arbitrary: fc.constantFrom(5000, 20_000) },
    ),
  )
  .map(([part, times]) => part.repeat(times).slice(0, 20_000));

/** An id: of what is there, of what is hidden, nearly one, or nothing like one. */
export const id = fc.oneof(
  text,
  fc.constantFrom(...IDS),
  fc.tuple(fc.constantFrom(...IDS), text).map(([known, more]) => known + more),
  fc.tuple(text, fc.constantFrom(...IDS)).map(([more, known]) => more + known),
  fc.string({ unit: fc.constantFrom(..."~ ab_"), minLength: 127, maxLength: 130 }),
);

/** A number as JSON or a query may spell it, in and out of every range. */
export const number = fc.oneof(
  fc.constantFrom(
    "0",
    "-0",
    "1",
    "100",
    "101",
    "2147483647",
    "2147483648",
    "-2147483649",
    "9007199254740993",
    "1e2",
    "1E400",
    "-1e-400",
  ),
  fc.constantFrom(
    "1.0",
    "1.5",
    "0.1e1",
    "12345678901234567890",
    "9".repeat(400),
    "null",
    "true",
    '"1"',
    "[1]",
    "{}",
    '""',
    "[]",
  ),
  fc.integer().map(String),
  fc.integer({ min: -2, max: 105 }).map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
);

const ORDERINGS: Ordering[] = ["CREATED_AT", "UPDATED_AT"].flatMap((field) =>
  ["ASC", "DESC"].map((direction) => ({ field, direction }) as Ordering),
);

/** A cursor: a good one, of this order or another, one with something else in it, or one that was tampered with. */
export const cursor = fc.oneof(
  text,
  fc
    .tuple(fc.constantFrom(...ORDERINGS), fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }), id)
    .map(([ordering, instant, rowId]) => encodeCursor(ordering, [instant, rowId])),
  fc
    .tuple(
      fc.constantFrom("POSITION", "CREATED_AT"),
      fc.constantFrom("ASC", "DESC"),
      fc.array(fc.oneof(fc.jsonValue(), fc.integer(), id), { maxLength: 3 }),
    )
    .map((values) => toBase64(JSON.stringify(values.flat()))),
  fc.tuple(fc.constantFrom(...ORDERINGS), fc.nat(200), text).map(([ordering, at, more]) => {
    const good = encodeCursor(ordering, [1_716_199_200_000, "conv_mine"]);
    return good.slice(0, at) + more + good.slice(at + more.length);
  }),
  fc.jsonValue().map((value) => toBase64(JSON.stringify(value))),
);

const MEDIA_TYPES = [
  "application/json",
  "application/graphql-response+json",
  "text/event-stream",
  "text/html",
  "multipart/mixed",
];

/** The value of a header, in the bytes that may be in one: a good one, parts of one, or nothing like it. */
export const headerValue = fc.oneof(
  fc.constantFrom("", " ", "bob", "Bearer", "Bearer x", "localhost", "*/*", ...MEDIA_TYPES),
  fc
    .tuple(fc.constantFrom(...MEDIA_TYPES), fc.constantFrom(",", ";", " ", "; q=0, ", ";charset=utf-16"))
    .map((parts) => parts.join("")),
  fc.array(fc.oneof(text, fc.constantFrom(...MEDIA_TYPES)), { maxLength: 4 }).map((parts) => toHeader(parts.join(""))),
  fc.nat(600).map((length) => "x".repeat(length)),
);

/** The text's bytes, but for those that no client can send. */
function toHeader(value: string): string {
  return Buffer.from(value)
    .toString("latin1")
    .replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, "")
    .trim();
}

/** A JSON object with names and texts that objects in JavaScript trip over. */
export const jsonObject = fc.letrec<{ value: unknown; object: Record<string, unknown> }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.maxSafeInteger(),
    fc.constantFrom(null, true, false, [], {}),
    fc.array(tie("value"), { maxLength: 3 }),
    tie("object"),
  ),
  object: fc.array(fc.tuple(text, tie("value")), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
})).object;

function toBase64(value: string): string {
  return Buffer.from(value).toString("base64url");
}

/** Every text in the value, names included. */
export function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, child]) => [name, ...textsOf(child)]);
}
