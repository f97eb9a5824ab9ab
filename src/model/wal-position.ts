/** A place in the log of a system. After a promotion the log goes on from there on a timeline of its own. */
export interface WalPosition {
  timeline: number;
  /** In bytes. */
  lsn: bigint;
}

/** Before everything: what needs it is known to every replica. */
export const FIRST_POSITION: WalPosition = { timeline: 0, lsn: 0n };

/** Beyond everything: what needs it is known to the primary alone. */
export const LAST_POSITION: WalPosition = { timeline: 0, lsn: 2n ** 64n - 1n };
