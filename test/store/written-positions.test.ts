import { expect, test } from "vitest";
import { createWrittenPositions } from "../../src/store/replicas/written-positions.ts";
import type { Scope } from "../../src/store/sql/scope.ts";

function caller(projectId: string, isolationKey: string | null = null): Scope {
  return { projectId, isolationKey };
}

test.each<[reader: Scope, needs: bigint]>([
  [caller("shop", "ann"), 30n],
  [caller("shop", "bea"), 20n],
  [caller("shop", "cleo"), 20n],
  [caller("shop"), 40n],
  [caller("bank", "ann"), 0n],
  [caller("bank"), 0n],
])(
  "a caller needs what it wrote itself, and its project's backend what all users did: %o needs %d",
  (reader, needs) => {
    const positions = createWrittenPositions();
    positions.note(caller("shop", "bea"), 10n);
    positions.note(caller("shop"), 20n);
    positions.note(caller("shop", "ann"), 30n);
    positions.note(caller("shop", "dan"), 40n);
    // The answer to an earlier question may come later.
    positions.note(caller("shop", "ann"), 25n);
    expect(positions.neededBy(reader, 0n)).toBe(needs);
    expect(positions.neededBy(reader, 35n)).toBe(needs > 35n ? needs : 35n);
  },
);

test("what is no longer kept of a caller is needed by all", () => {
  const positions = createWrittenPositions();
  for (let user = 1; user <= 20_000; user += 1) positions.note(caller("shop", `user ${user}`), BigInt(user));
  const forgotten = positions.neededBy(caller("bank"), 0n);
  expect(forgotten).toBeGreaterThan(0n);
  expect(positions.neededBy(caller("shop", "user 1"), 0n)).toBe(forgotten);
  expect(positions.neededBy(caller("shop", "user 20000"), 0n)).toBe(20_000n);
  positions.noteForAll(30_000n);
  expect(positions.neededBy(caller("bank"), 0n)).toBe(30_000n);
});
