import { afterEach, expect, test, vi } from "vitest";

import { isIdOf, newId } from "../../src/model/ids.ts";

afterEach(() => {
  vi.useRealTimers();
});

test.each(["conversation", "turn"] as const)("new ids of a %s are unique, and later ones sort behind", (kind) => {
  const prefix = kind === "conversation" ? "conv" : "turn";
  const batches = [0, 1_790_000_000_000, 1_790_000_000_001, 253_402_300_799_999].map((time) => {
    vi.useFakeTimers({ now: time, toFake: ["Date"] });
    return Array.from({ length: 1000 }, () => newId(kind));
  });
  const ids = batches.flat();
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => !new RegExp(`^${prefix}_[0-9a-f]{32}$`).test(id) || !isIdOf(kind, id))).toEqual([]);
  expect(batches.flatMap((batch) => batch.toSorted())).toEqual(ids.toSorted());
});
