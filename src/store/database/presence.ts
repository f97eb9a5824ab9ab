/** Who was here of late. */
export interface Presence {
  /** The visitor is here now. */
  note(visitor: string): void;
  /** Whether anyone else was here of late. */
  hasOther(visitor: string): boolean;
}

/** Remembers visitors for so long. Costs the same however many there are: only the last two of them matter. */
export function createPresence(forMs: number): Presence {
  let last: { visitor: string; at: number } | null = null;
  // When one who is not the last was here last.
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
