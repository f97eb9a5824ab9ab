import fc from "fast-check";
import { expect, test } from "vitest";

import type { Slice } from "../../src/relay/connection.ts";
import { endByBytes, type Sized } from "../../src/relay/end-by-bytes.ts";

const slice = (...sizes: number[]): Slice<Sized> => ({
  rows: sizes.map((bytes) => ({ bytes })),
  hasMore: false,
  hasBehind: false,
});
const sizesOf = (slices: readonly Slice<Sized>[]) =>
  slices.map(({ rows, hasMore: more }) => [rows.map(({ bytes }) => bytes), more] as const);
const FORWARD = { backward: false };
const BACKWARD = { backward: true };

test("what fits is given back as it was", () => {
  const slices = [slice(1, 2), slice(), slice(3)];
  expect(endByBytes(FORWARD, slices, 6)).toBe(slices);
});

test.each([
  ["a page ends before it has too much", FORWARD, [slice(3, 3, 3)], 7, [[[3, 3], true]]],
  ["a page that is read from its end too", BACKWARD, [slice(1, 3, 3)], 6, [[[3, 3], true]]],
  ["one row comes whatever its size", FORWARD, [slice(9, 1)], 7, [[[9], true]]],
  [
    "the first row of each before the second of any",
    FORWARD,
    [slice(2, 2), slice(2, 2)],
    5,
    [
      [[2], true],
      [[2], true],
    ],
  ],
  [
    "a short list goes on beside one that ended",
    FORWARD,
    [slice(1, 9), slice(1, 1, 1)],
    5,
    [
      [[1], true],
      [[1, 1, 1], false],
    ],
  ],
  [
    "a list may have to wait",
    FORWARD,
    [slice(5), slice(5), slice(5)],
    7,
    [
      [[5], false],
      [[], true],
      [[], true],
    ],
  ],
] as const)("%s", (_name, page, slices, maxBytes, expected) => {
  expect(sizesOf(endByBytes(page, slices, maxBytes))).toEqual(expected);
});

test("of any lists each keeps its beginning, together they have no more than they may, and one row comes", () => {
  const lists = fc.array(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 8 }), { maxLength: 6 });
  fc.assert(
    fc.property(lists, fc.boolean(), fc.integer({ min: 1, max: 60 }), (sizes, backward, maxBytes) => {
      const ended = sizesOf(
        endByBytes(
          { backward },
          sizes.map((list) => slice(...list)),
          maxBytes,
        ),
      );
      for (const [index, [kept, more]] of ended.entries()) {
        const all = sizes[index] ?? [];
        expect(kept).toEqual(backward ? all.slice(all.length - kept.length) : all.slice(0, kept.length));
        expect(more).toBe(kept.length < all.length);
      }
      const kept = ended.flatMap(([rows]) => rows);
      const sum = kept.reduce((total, bytes) => total + bytes, 0);
      if (kept.filter((bytes) => bytes > 0).length > 1) expect(sum).toBeLessThanOrEqual(maxBytes);
      if (sizes.flat().length > 0) expect(kept.length).toBeGreaterThan(0);
    }),
  );
});
