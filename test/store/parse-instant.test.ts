import { expect, test } from "vitest";

import { parseInstant } from "../../src/store/database/parse-instant.ts";

test.each([
  ["2024-05-20 10:00:00.123+00", "2024-05-20T10:00:00.123Z"],
  ["2024-05-20 12:00:00.123+02", "2024-05-20T10:00:00.123Z"],
  ["2024-05-20 15:30:00+05:30", "2024-05-20T10:00:00.000Z"],
  ["2024-05-19 22:30:00-11:30", "2024-05-20T10:00:00.000Z"],
  ["0001-01-01 00:53:28+00:53:28", "0001-01-01T00:00:00.000Z"],
  ["9999-12-31 23:59:59.999+00", "9999-12-31T23:59:59.999Z"],
])("%s is an instant", (text, instant) => {
  expect(parseInstant(text).toISOString()).toBe(instant);
});

test.each(["20.05.2024 12:00:00 CEST", "05/20/2024 12:00:00 CEST", "Mon May 20 12:00:00 2024 CEST", "infinity"])(
  "%s is refused, and not guessed",
  (text) => {
    expect(() => parseInstant(text)).toThrow("DateStyle");
  },
);
