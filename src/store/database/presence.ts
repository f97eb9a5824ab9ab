/** Which visitors came recently. */
export interface Presence {
  /** Records that the visitor is here now. */
  note(visitor: string): void;
  /** Whether any other visitor came recently. */
  hasOther(visitor: string): boolean;
}

/**
 * A record of visitors, each remembered for `forMs` milliseconds. The cost does not grow with their number: only the
 * last two matter.
 */
export function createPresence(forMs: number): Presence {
  let last: { visitor: string; at: number } | null = null;
  // The last visit of any visitor but the latest.
  let othersAt = Number.NEGATIVE_INFINITY;
  return {
    note(visitor) {
      const now = performance.now();
      if (last === null) last = { visitor, at: now };
      else if (last.visitor !== visitor) {
        othersAt = last.at;
        last = { visitor, at: now };
      } else last.at = now;
    },
    hasOther(visitor) {
      const at = last !== null && last.visitor !== visitor ? last.at : othersAt;
      return performance.now() - at < forMs;
    },
  };
}
