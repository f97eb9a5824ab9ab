/** A position in the log of a system. After a promotion the log continues on a new timeline. */
export interface WalPosition {
  timeline: number;
  /** In bytes. */
  lsn: bigint;
}

/** Before every other position: any replica has it. */
export const FIRST_POSITION: WalPosition = { timeline: 0, lsn: 0n };

/** After every other position: only the primary has it. */
export const LAST_POSITION: WalPosition = { timeline: 0, lsn: 2n ** 64n - 1n };
