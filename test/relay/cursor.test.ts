import fc from "fast-check";
import { expect, test } from "vitest";

import { decodeCursor, encodeCursor } from "../../src/relay/cursor.ts";
import type { Key, Ordering } from "../../src/relay/ordering.ts";
import { longestTurn } from "../harness/event-loop.ts";

const FIRST_INSTANT = Date.parse("0001-01-01T00:00:00.000Z");
const LAST_INSTANT = Date.parse("9999-12-31T23:59:59.999Z");
const NEWEST_FIRST: Ordering = { field: "CREATED_AT", direction: "DESC" };
const AS_SAID: Ordering = { field: "POSITION", direction: "ASC" };

const id = fc.stringMatching(/^[ -~]{1,128}$/);
const instantKey: fc.Arbitrary<Key> = fc.tuple(fc.integer({ min: FIRST_INSTANT, max: LAST_INSTANT }), id);
const positionKey: fc.Arbitrary<Key> = fc.tuple(fc.integer({ min: 1, max: 2 ** 31 - 1 }));
const direction = fc.constantFrom("ASC", "DESC");
const instantOrdering: fc.Arbitrary<Ordering> = fc.record({
  field: fc.constantFrom("CREATED_AT", "UPDATED_AT"),
  direction,
});
const positionOrdering: fc.Arbitrary<Ordering> = fc.record({ field: fc.constant("POSITION"), direction });
const nameKey: fc.Arbitrary<Key> = fc
  .string({ unit: "binary", minLength: 1, maxLength: 128 })
  .map((name) => [name.replaceAll("\0", "x").toWellFormed()]);
const nameOrdering: fc.Arbitrary<Ordering> = fc.record({ field: fc.constant("NAME"), direction });
const hitKey: fc.Arbitrary<Key> = fc.tuple(
  fc.integer({ min: FIRST_INSTANT, max: LAST_INSTANT }),
  id,
  fc.integer({ min: 1, max: 2 ** 31 - 1 }),
);
const hitOrdering: fc.Arbitrary<Ordering> = fc.record({ field: fc.constant("HIT"), direction });
const placed = fc.oneof(
  fc.tuple(instantOrdering, instantKey),
  fc.tuple(positionOrdering, positionKey),
  fc.tuple(nameOrdering, nameKey),
  fc.tuple(hitOrdering, hitKey),
);
const ordering = fc.oneof(instantOrdering, positionOrdering, nameOrdering);

test("a cursor gives back the key that it was made of", () => {
  fc.assert(
    fc.property(placed, ([ordering, key]) => {
      expect(decodeCursor(ordering, encodeCursor(ordering, key))).toEqual(key);
    }),
    { numRuns: 1000 },
  );
});

test("the longest cursor gives back its key, and a longer text is refused as quickly as a short one", async () => {
  const ordering: Ordering = { field: "UPDATED_AT", direction: "DESC" };
  const key: Key = [FIRST_INSTANT, "\\".repeat(128)];
  expect(decodeCursor(ordering, encodeCursor(ordering, key))).toEqual(key);
  const byName: Ordering = { field: "NAME", direction: "DESC" };
  const name: Key = ["\u0001".repeat(128)];
  expect(decodeCursor(byName, encodeCursor(byName, name))).toEqual(name);
  const long = toBase64Url("[".repeat(1_000_000) + "]".repeat(1_000_000));
  expect(await longestTurn(async () => expect(decodeCursor(ordering, long)).toBeNull())).toBeLessThan(50);
});

test("a cursor can stand in a URL as it is", () => {
  fc.assert(fc.property(placed, ([ordering, key]) => /^[\w-]+$/.test(encodeCursor(ordering, key))));
});

test("a cursor goes with its own order only", () => {
  fc.assert(
    fc.property(placed, ordering, ([own, key], other) => {
      fc.pre(own.field !== other.field || own.direction !== other.direction);
      expect(decodeCursor(other, encodeCursor(own, key))).toBeNull();
    }),
    { numRuns: 1000 },
  );
});

test("any text is refused, or is the one spelling of its key", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.base64String(),
    fc.json().map(toBase64Url),
    fc.tuple(placed, fc.nat(), fc.string({ minLength: 1, maxLength: 1 })).map(([[ordering, key], at, character]) => {
      const cursor = encodeCursor(ordering, key);
      return cursor.slice(0, at % cursor.length) + character + cursor.slice((at % cursor.length) + 1);
    }),
  );
  fc.assert(
    fc.property(text, ordering, (text, ordering) => {
      const key = decodeCursor(ordering, text);
      if (key !== null) expect(encodeCursor(ordering, key)).toBe(text);
    }),
    { numRuns: 5000 },
  );
});

const GOOD = encodeCursor(NEWEST_FIRST, [0, "conv_1"]);

test.each([
  ["empty", ""],
  ["a blank", " "],
  ["blank at the end", `${GOOD} `],
  ["padded", `${Buffer.from('["CREATED_AT","DESC",0,"conv_1"]').toString("base64")}=`],
  ["cut short", GOOD.slice(0, -1)],
  ["NUL in it", `${GOOD}\0`],
  ["no JSON", toBase64Url("conv_1")],
  ["no array", toBase64Url('{"0":"CREATED_AT"}')],
  ["null", toBase64Url("null")],
  ["another spelling of the JSON", toBase64Url('["CREATED_AT", "DESC", 0, "conv_1"]')],
  ["no key", toBase64Url('["CREATED_AT","DESC"]')],
  ["no id", toBase64Url('["CREATED_AT","DESC",0]')],
  ["one value more", toBase64Url('["CREATED_AT","DESC",0,"conv_1",1]')],
  ["an instant that is no integer", toBase64Url('["CREATED_AT","DESC",0.5,"conv_1"]')],
  ["an instant as text", toBase64Url('["CREATED_AT","DESC","0","conv_1"]')],
  ["an instant that is null", toBase64Url('["CREATED_AT","DESC",null,"conv_1"]')],
  ["minus nought", toBase64Url('["CREATED_AT","DESC",-0,"conv_1"]')],
  ["before the year 1", toBase64Url(`["CREATED_AT","DESC",${FIRST_INSTANT - 1},"conv_1"]`)],
  ["after the year 9999", toBase64Url(`["CREATED_AT","DESC",${LAST_INSTANT + 1},"conv_1"]`)],
  ["an empty id", toBase64Url('["CREATED_AT","DESC",0,""]')],
  ["an id with NUL", toBase64Url('["CREATED_AT","DESC",0,"\\u0000"]')],
  ["an id that is too long", toBase64Url(`["CREATED_AT","DESC",0,"${"x".repeat(129)}"]`)],
  ["an id that is a number", toBase64Url('["CREATED_AT","DESC",0,1]')],
])("no cursor of conversations: %s", (_name, text) => {
  expect(decodeCursor(NEWEST_FIRST, GOOD)).toEqual([0, "conv_1"]);
  expect(decodeCursor(NEWEST_FIRST, text)).toBeNull();
});

test.each([
  ["position 0", 0],
  ["a negative position", -1],
  ["a position that is no integer", 1.5],
  ["a position beyond 32 bits", 2 ** 31],
])("no cursor of turns: %s", (_name, position) => {
  expect(decodeCursor(AS_SAID, toBase64Url(`["POSITION","ASC",${position}]`))).toBeNull();
});

function toBase64Url(text: string): string {
  return Buffer.from(text).toString("base64url");
}
