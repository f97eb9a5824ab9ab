import fc from "fast-check";
import { expect, test } from "vitest";

import { parseJson, parseRequestJson } from "../../src/model/json.ts";
import { orderedObject } from "../../src/model/ordered-object.ts";
import { longestTurn } from "../harness/event-loop.ts";

const MAX_MS = 250;

/** A JSON text, what it holds with every number spelled as it was, and what it holds where it is a request's. */
interface Json {
  source: string;
  stored: unknown;
  asked: unknown;
}

const number = fc
  .tuple(
    fc.constantFrom("", "-"),
    fc.oneof(fc.constantFrom("0", "10", "9007199254740993", "12345678901234567890"), fc.nat().map(String)),
    fc.constantFrom("", "", ".5", ".50", ".0", ".1234567890123456789"),
    fc.constantFrom("", "", "e0", "E+2", "e-400", "e400"),
  )
  .map((parts): Json => {
    const source = parts.join("");
    const value = Number(source);
    const stored = String(value) === source ? value : JSON.rawJSON(source);
    return { source, stored, asked: Number.isSafeInteger(value) ? value : stored };
  });

const text = fc
  .oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom('"', "\\", '\\"', '\\\\"1.50', "__proto__", "{", "1e5,", "-0.50"),
  )
  .map((value): Json => ({ source: JSON.stringify(value), stored: value, asked: value }));

// None that JSON writes with an escape at its beginning: once V8 13.6 has parsed an object with the key "\\", it takes such
// keys for that one, in plain JSON.parse too.
const key = fc.constantFrom("a", "b", "__proto__", "{", "1e5,", "-0.50", "7", 'a"1.50', "");

const space = fc.constantFrom("", " ", "\n\t");

const { list } = fc.letrec<{ json: Json; list: Json; object: Json }>((tie) => ({
  json: fc.oneof({ maxDepth: 5, withCrossShrink: true }, number, text, tie("list"), tie("object")),
  list: fc.tuple(space, fc.array(tie("json"), { maxLength: 4 })).map(([gap, items]) => ({
    source: `[${gap}${items.map(({ source }) => source).join(`,${gap}`)}]`,
    stored: items.map(({ stored }) => stored),
    asked: items.map(({ asked }) => asked),
  })),
  object: fc.tuple(space, fc.array(fc.tuple(key, tie("json")), { maxLength: 4 })).map(([gap, members]) => ({
    source: `{${members.map(([name, { source }]) => `${JSON.stringify(name)}${gap}:${source}`).join(",")}${gap}}`,
    stored: orderedObject(members.map(([name, { stored }]) => [name, stored])),
    asked: orderedObject(members.map(([name, { asked }]) => [name, asked])),
  })),
}));

test("numbers keep their digits wherever they stand, and nothing else changes", () => {
  fc.assert(
    fc.property(list, ({ source, stored, asked }) => {
      expect(JSON.stringify(parseJson(source))).toBe(JSON.stringify(stored));
      expect(JSON.stringify(parseRequestJson(source))).toBe(JSON.stringify(asked));
    }),
    { numRuns: 3000 },
  );
});

test.each([
  "",
  "{1e400:1}",
  "[01.50]",
  "[1.]",
  '["1.50]',
  '"1.50" 1.50',
  "[1e400",
  "1.50.50",
  "-",
  "[-e1]",
  '{"a":1.50,}',
])("what is no JSON is refused: %j", (source) => {
  expect(() => parseJson(source)).toThrow(SyntaxError);
  expect(() => parseRequestJson(source)).toThrow(SyntaxError);
});

test.each<[string, string]>([
  ["integers", `[${"1,".repeat(520_000)}1.50]`],
  ["numbers to keep", `[${"1e5,".repeat(250_000)}1.50]`],
  ["empty objects", `[${"{},".repeat(340_000)}1.50]`],
  ["keys", `{${Array.from({ length: 60_000 }, (_, index) => `"k${index}":1`).join()},"a":1.50}`],
  ["quotes", `["${'\\"'.repeat(500_000)}",1.50]`],
  ["keys of digits", `{${Array.from({ length: 110_000 }, (_, index) => `"${index}":1`).join()}}`],
  ["objects with keys of digits", `[${'{"1":1},'.repeat(128_000)}1.50]`],
])("a megabyte of %s is parsed without holding others up", async (_what, source) => {
  const turn = await longestTurn(async () => parseRequestJson(source));
  expect(turn).toBeLessThan(MAX_MS);
});

test.each([
  ["with numbers to keep", `${"[".repeat(500_000)}1.50${"]".repeat(500_000)}`],
  ["without", `${"[".repeat(500_000)}1${"]".repeat(500_000)}`],
  ["and is no JSON", `${"[".repeat(1_000_000)}]}`],
  ["of objects", `${'{"a":'.repeat(200_000)}1${"}".repeat(200_000)}`],
])("a text that nests deeper than can be walked is refused at once: %s", async (_what, source) => {
  const turn = await longestTurn(async () => expect(() => parseRequestJson(source)).toThrow(RangeError));
  expect(turn).toBeLessThan(MAX_MS);
});

test("what stands in a string nests nothing", () => {
  const text = '[{\\"'.repeat(5000);
  expect(parseRequestJson(JSON.stringify({ text }))).toEqual({ text });
});
