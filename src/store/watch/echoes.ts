/**
 * Notifications that this process sends come back to it, whose watchers were woken before they were sent. Each is passed over once, by
 * its name: no other can be told from it. A foreign one that is passed over in the place of an own one wakes all the same, as the own
 * one then comes after it and is not passed over; and where more own ones are sent in the meantime, their watchers were woken too.
 */
export interface Echoes {
  /** To be called before the names are notified of. */
  expect(names: readonly string[]): void;
  /** Whether the notification that has come need not wake. */
  isExpected(name: string): boolean;
  /** To be called where it is not known that the notifications come. What comes all the same wakes, and whoever waits is to be woken. */
  forget(names: readonly string[]): void;
  /** The same of all that were sent. */
  forgetAll(): void;
}

/** Nothing that comes is expected yet. Holds a number for each name that is under way. */
export function createEchoes(): Echoes {
  const underWay = new Map<string, number>();
  return {
    expect(names) {
      for (const name of names) underWay.set(name, (underWay.get(name) ?? 0) + 1);
    },
    isExpected(name) {
      const expected = underWay.get(name);
      if (expected === undefined) return false;
      if (expected === 1) underWay.delete(name);
      else underWay.set(name, expected - 1);
      return true;
    },
    forget(names) {
      for (const name of names) underWay.delete(name);
    },
    forgetAll: () => underWay.clear(),
  };
}
