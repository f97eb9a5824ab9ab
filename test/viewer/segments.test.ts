import fc from "fast-check";
import { expect, test } from "vitest";

import { splitLines, splitMarkdown } from "../../src/viewer/transcript/segments.ts";

const texts = (segments: { text: string }[]) => segments.map(({ text }) => text);

test("leaves a short text whole, and none as one empty segment", () => {
  expect(splitMarkdown("# a\n\n```\nb")).toEqual([{ text: "# a\n\n```\nb", isPart: false }]);
  expect(splitMarkdown("")).toEqual([{ text: "", isPart: false }]);
  expect(splitLines("")).toEqual([]);
});

test("cuts between paragraphs where it can", () => {
  const paragraphs = Array.from({ length: 40 }, (_, index) => `${index} ${"word ".repeat(150)}\n\n`);
  const segments = splitMarkdown(paragraphs.join(""));
  expect(segments.length).toBeGreaterThan(3);
  expect(texts(segments).join("")).toBe(paragraphs.join(""));
  expect(segments.every(({ text, isPart }) => text.endsWith("\n\n") && !isPart)).toBe(true);
});

test("closes and opens the fence of a block of 100,000 lines at each cut", () => {
  const lines = Array.from({ length: 100_000 }, (_, index) => `line ${index}`);
  const segments = splitMarkdown(`Look:\n\n~~~~js\n${lines.join("\n")}\n~~~~\n\nThat is all.`);
  expect(segments.length).toBeGreaterThan(200);
  const [first, second, ...others] = texts(segments);
  expect(first).toMatch(/^Look:\n\n~~~~js\nline 0\n[^~]*\n~~~~$/);
  expect(second).toMatch(/^~~~~js\nline \d+\n[^~]*\n~~~~$/);
  expect(others.at(-1)).toMatch(/^~~~~js\nline \d+\n[^~]*\n~~~~\n\nThat is all.$/);
  const inside = texts(segments).flatMap((text) => text.match(/^line \d+$/gm) ?? []);
  expect(inside).toEqual(lines);
});

test("cuts a word of any length, and no character", () => {
  for (const split of [splitMarkdown, splitLines]) {
    const segments = split(`a${"🙂".repeat(30_000)}`);
    expect(segments.length).toBeGreaterThan(4);
    expect(texts(segments).join("")).toBe(`a${"🙂".repeat(30_000)}`);
    expect(texts(segments).every((text) => text.isWellFormed())).toBe(true);
  }
});

test("changes only the last segment when text is added", () => {
  const piece = fc.oneof(
    fc.constantFrom("\n", "\n\n", "```\n", "~~~~ts\n", "`", "  ```\n", "x".repeat(700), `${"y".repeat(13_000)}\n`),
    fc.string({ maxLength: 300 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), fc.array(piece, { maxLength: 20 }), (said, added) => {
      const before = said.join("");
      const whole = before + added.join("");
      const settled = texts(splitMarkdown(before)).slice(0, -1);
      expect(texts(splitMarkdown(whole)).slice(0, settled.length)).toEqual(settled);
      expect(texts(splitLines(whole)).join("")).toBe(whole);
    }),
    { numRuns: 100 },
  );
});
