import { randomInt } from "node:crypto";

// More would make totals slower to add up, and fewer let writers wait for each other.
const SHARES = 8;

/** The share that every transaction takes a user's counts down in: see `writeCounts`. */
export const REMOVING_SHARE = -1;

// Each process begins elsewhere, so that two of them rarely take the same.
const first = randomInt(SHARES);
const taken = new Set<number>();

/**
 * A share for the counts of one transaction: one that no other of this process has while there is a free one, and the
 * same ones again and again, so that a count has few rows. To be released when the transaction has ended.
 */
export function takeShare(): { share: number; release(): void } {
  const inOrder = Array.from({ length: SHARES }, (_, index) => -1 - ((first + index) % SHARES));
  const free = inOrder.find((share) => !taken.has(share));
  if (free === undefined) return { share: -1 - randomInt(SHARES), release: () => {} };
  taken.add(free);
  return { share: free, release: () => void taken.delete(free) };
}
