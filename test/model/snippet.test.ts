import fc from "fast-check";
import { expect, test } from "vitest";

import { snippetOf } from "../../src/model/snippet.ts";
import { longestTurn } from "../harness/event-loop.ts";

/** The snippet with the places in brackets. */
function marked(text: string, ...sought: string[]): string {
  const snippet = snippetOf(
    text,
    sought.map((words) => ({ text: words.replace("*", ""), isBeginning: words.endsWith("*") })),
  );
  const characters = [...snippet.text];
  for (const { start, end } of snippet.matches.toReversed()) {
    characters.splice(end, 0, "]");
    characters.splice(start, 0, "[");
  }
  return characters.join("");
}

test.each([
  ["a word", "I want a Refund now", ["refund"], "I want a [Refund] now"],
  ["a beginning, to the end of its word", "refunds, refund", ["refun*"], "[refunds], [refund]"],
  ["no part of a word", "prerefund refunded", ["refund"], "prerefund refunded"],
  ["words that stand side by side", "my, flight my flight", ["my flight"], "[my, flight] [my flight]"],
  ["several words", "b a b", ["a", "b"], "[b] [a] [b]"],
  ["places that overlap", "one two three", ["one two", "two three"], "[one two three]"],
  ["letters of all scripts", "ÜBER ΟΔΟΣ İstanbul", ["über", "οδος", "istanbul*"], "[ÜBER] [ΟΔΟΣ] İstanbul"],
  [
    "Han and Kana, characters that stand side by side",
    "配送先を京都に変更",
    ["京都", "変更"],
    "配送先を[京都]に[変更]",
  ],
  ["what separates words", "“hello”—she said", ["hello", "she said"], "“[hello]”—[she said]"],
  ["an apostrophe as it is written", "I don’t", ["don't"], "I [don’t]"],
  ["places in code points", "🙂🙂 go 🙂", ["go"], "🙂🙂 [go] 🙂"],
  ["one line", "a\nb\tc", ["b"], "a [b] c"],
  ["nothing", "", ["x"], ""],
  ["nothing that is sought", "a b", [], "a b"],
])("%s", (_name, text, sought, shown) => {
  expect(marked(text, ...sought)).toBe(shown);
});

test("a long text is cut around the first match, at whole code points", () => {
  const { text, matches } = snippetOf(`${"🙂 ".repeat(500)}refund${" 🙂".repeat(500)} refund`, [
    { text: "refund", isBeginning: false },
  ]);
  expect([...text]).toHaveLength(200);
  expect(text.isWellFormed()).toBe(true);
  expect(matches).toEqual([{ start: 60, end: 66 }]);
});

test("places lie in the snippet, in order and apart, and hold what was sought", () => {
  const word = fc.stringMatching(/^[aAbİß京都🙂 '’—\n]{0,12}$/u);
  const sought = fc.array(fc.record({ text: word, isBeginning: fc.boolean() }), { maxLength: 3 });
  fc.assert(
    fc.property(fc.array(word, { maxLength: 80 }), sought, (parts, words) => {
      const { text, matches } = snippetOf(parts.join(" "), words);
      const characters = [...text];
      expect(characters.length).toBeLessThanOrEqual(200);
      expect(text.isWellFormed()).toBe(true);
      let last = 0;
      for (const { start, end } of matches) {
        expect(start).toBeGreaterThanOrEqual(last);
        expect(end).toBeGreaterThan(start);
        expect(end).toBeLessThanOrEqual(characters.length);
        last = end;
      }
    }),
    { numRuns: 500 },
  );
});

test.each([
  ["a", "a".repeat(100_000)],
  ["a b", "a ".repeat(50_000)],
  ["a b", `a${" ".repeat(99_000)}`],
  [`${"a ".repeat(500)}b`, "a ".repeat(50_000)],
])("what is sought cannot make it slow: %.6s", async (words, text) => {
  const sought = Array.from({ length: 5 }, () => ({ text: words, isBeginning: true }));
  expect(await longestTurn(async () => snippetOf(text, sought))).toBeLessThan(250);
});
