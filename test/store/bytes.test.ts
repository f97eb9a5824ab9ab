import fc from "fast-check";
import { expect, test } from "vitest";

import { findControl, findQuote, startsWith } from "../../src/store/raw/bytes.ts";
import { readText, splitValues } from "../../src/store/raw/values.ts";

// Bytes that are searched for, those one off, and those with the highest bit.
const NEAR = [0x00, 0x01, 0x1f, 0x20, 0x21, 0x22, 0x23, 0x5c, 0x7f, 0x80, 0xa2, 0xff];
const near = fc.array(fc.constantFrom(...NEAR), { maxLength: 200 }).map((bytes) => Buffer.from(bytes));

/** The bytes, with any others before and after them in memory. */
const placed = fc.record({ own: near, before: near, after: near }).map(({ own, before, after }) => {
  const all = Buffer.allocUnsafeSlow(before.length + own.length + after.length);
  Buffer.concat([before, own, after]).copy(all);
  return { own, bytes: all.subarray(before.length, before.length + own.length) };
});
const placedRange = placed.chain(({ own, bytes }) =>
  fc.tuple(fc.nat(own.length), fc.nat(own.length)).map(([one, other]) => ({
    own,
    bytes,
    start: Math.min(one, other),
    end: Math.max(one, other),
  })),
);

test("a quote and a control character are found as by looking at each byte", () => {
  fc.assert(
    fc.property(placedRange, ({ own, bytes, start, end }) => {
      const find = (is: (byte: number) => boolean) => {
        const found = own.subarray(start, end).findIndex(is);
        return found < 0 ? end : start + found;
      };
      expect(findQuote(bytes, start, end)).toBe(find((byte) => byte === 0x22));
      expect(findControl(bytes, start, end)).toBe(find((byte) => byte < 0x20));
    }),
    { numRuns: 2000 },
  );
});

test("bytes start with what they start with, and nothing else", () => {
  fc.assert(
    fc.property(placedRange, placed, ({ own, bytes, start, end }, other) => {
      const part = Buffer.from(own.subarray(start, end));
      expect(startsWith(bytes, start, part)).toBe(true);
      const isThere = own.subarray(start, start + other.own.length).equals(other.own);
      expect(startsWith(bytes, start, other.bytes)).toBe(isThere);
    }),
    { numRuns: 2000 },
  );
});

test("texts are split at their marks, whatever other control characters they have", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "\n", "\t", '"', "é", "🙂"), maxLength: 30 });
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 9 }), text, (texts, around) => {
      const joined = texts.join("\x1f");
      const bytes = Buffer.from(`${around}${joined}${around}`);
      const start = Buffer.byteLength(around);
      const split = splitValues(bytes, start, start + Buffer.byteLength(joined), 0x1f, texts.length);
      expect(texts.map((_text, at) => readText(split, at))).toEqual(texts);
    }),
    { numRuns: 2000 },
  );
});
