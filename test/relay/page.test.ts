import fc from "fast-check";
import { expect, test } from "vitest";

import { ApiError } from "../../src/model/errors.ts";
import { encodeCursor } from "../../src/relay/cursor.ts";
import type { Ordering } from "../../src/relay/ordering.ts";
import { type PageArguments, parsePage } from "../../src/relay/page.ts";

const NEWEST_FIRST: Ordering = { field: "CREATED_AT", direction: "DESC" };
const OLDEST_FIRST: Ordering = { field: "CREATED_AT", direction: "ASC" };
const CURSOR = encodeCursor(NEWEST_FIRST, [5, "conv_1"]);
const OTHER_CURSOR = encodeCursor(NEWEST_FIRST, [3, "conv_2"]);
const FRONT = { ordering: NEWEST_FIRST, after: null, before: null, limit: 20, backward: false, offset: 0 };

test.each([
  [{}, {}],
  [{ first: null, last: null, after: null, before: null, offset: null }, {}],
  [{ first: 1 }, { limit: 1 }],
  [{ first: 100 }, { limit: 100 }],
  [{ first: 3, last: null }, { limit: 3 }],
  [{ last: 1 }, { limit: 1, backward: true }],
  [
    { last: 100, first: null },
    { limit: 100, backward: true },
  ],
  [{ offset: 0 }, {}],
  [{ offset: 7 }, { offset: 7 }],
  [
    { offset: 2 ** 31 - 1, first: 5 },
    { offset: 2 ** 31 - 1, limit: 5 },
  ],
  [{ offset: 7, last: null, after: null, before: null }, { offset: 7 }],
  [{ after: CURSOR }, { after: [5, "conv_1"] }],
  [{ before: CURSOR }, { before: [5, "conv_1"] }],
  [
    { after: CURSOR, last: 2 },
    { after: [5, "conv_1"], limit: 2, backward: true },
  ],
  [
    { after: CURSOR, before: OTHER_CURSOR },
    { after: [5, "conv_1"], before: [3, "conv_2"] },
  ],
  [
    { after: OTHER_CURSOR, before: CURSOR },
    { after: [3, "conv_2"], before: [5, "conv_1"] },
  ],
] satisfies [PageArguments, object][])("%j is a page", (args, page) => {
  expect(parsePage(args, NEWEST_FIRST, 100)).toEqual({ ...FRONT, ...page });
});

test.each([
  [{ first: 1, last: 1 }, "last"],
  [{ first: 0, last: 0 }, "last"],
  [{ first: 0 }, "first"],
  [{ first: -1 }, "first"],
  [{ first: 101 }, "first"],
  [{ first: 2 ** 31 - 1 }, "first"],
  [{ first: -(2 ** 31) }, "first"],
  [{ last: 0 }, "last"],
  [{ last: -1 }, "last"],
  [{ last: 101 }, "last"],
  [{ offset: -1 }, "offset"],
  [{ offset: 2 ** 31 }, "offset"],
  [{ offset: 0, last: 5 }, "offset"],
  [{ offset: 0, after: CURSOR }, "offset"],
  [{ offset: 0, before: CURSOR }, "offset"],
  [{ after: "" }, "after"],
  [{ before: "" }, "before"],
  [{ after: "conv_1" }, "after"],
  [{ after: encodeCursor(OLDEST_FIRST, [5, "conv_1"]) }, "after"],
  [{ before: encodeCursor({ field: "UPDATED_AT", direction: "DESC" }, [5, "conv_1"]) }, "before"],
  [{ before: encodeCursor({ field: "POSITION", direction: "ASC" }, [5]) }, "before"],
  [{ after: CURSOR, before: "x" }, "before"],
] satisfies [PageArguments, string][])("%j is refused, naming %s", (args, argument) => {
  expect(faultOf(args)).toMatchObject({ code: "BAD_USER_INPUT", argument });
});

test("a surface may set another largest page", () => {
  expect(parsePage({ first: 1000 }, NEWEST_FIRST, 1000).limit).toBe(1000);
  expect(() => parsePage({ first: 1001 }, NEWEST_FIRST, 1000)).toThrow("must be 1 to 1000, not 1001");
});

test("whatever the arguments, a page within its limits or an error that names one of them", () => {
  const size = fc.option(fc.oneof(fc.integer(), fc.integer({ min: -2, max: 120 })));
  const cursor = fc.option(fc.oneof(fc.string(), fc.constantFrom(CURSOR, OTHER_CURSOR)));
  const args = fc.record(
    { first: size, last: size, offset: size, after: cursor, before: cursor },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(args, (args) => {
      const fault = faultOf(args);
      if (fault === null) {
        const { limit, offset } = parsePage(args, NEWEST_FIRST, 100);
        expect(limit >= 1 && limit <= 100 && offset >= 0 && offset < 2 ** 31).toBe(true);
      } else {
        expect(args).toHaveProperty(fault.argument ?? "");
      }
    }),
    { numRuns: 2000 },
  );
});

function faultOf(args: PageArguments): ApiError | null {
  try {
    parsePage(args, NEWEST_FIRST, 100);
    return null;
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
}
