import type { WalPosition } from "../../model/wal-position.ts";
import type { Executor } from "../database/executor.ts";
import { readWrittenPosition } from "./wal-position.ts";

/** The position of the primary's log, as this server knows it. */
export interface PrimaryLog {
  /** The position at the last read, with the time of that read. No cost. */
  latest(): WrittenPosition;
  /** The position now. One statement. */
  read(): Promise<WalPosition>;
  /** Starts a read when the last one is not recent. Does not wait. */
  refresh(): void;
}

export interface WrittenPosition extends WalPosition {
  /** In milliseconds of `performance.now()`. */
  at: number;
}

// The longest that a server without writes misses a new primary, which is on a timeline of its own.
const READ_AGAIN_MS = 1000;

/** The log of the primary, read once. One statement. */
export async function openPrimaryLog(primary: Executor): Promise<PrimaryLog> {
  let latest: WrittenPosition = { ...(await readWrittenPosition(primary)), at: performance.now() };
  let triedAt = latest.at;

  const read = async () => {
    const at = performance.now();
    const position = await readWrittenPosition(primary);
    // The answer to an earlier read may arrive later.
    if (at >= latest.at) latest = { ...position, at };
    return position;
  };
  return {
    latest: () => latest,
    read,
    refresh() {
      const now = performance.now();
      if (now - Math.max(latest.at, triedAt) < READ_AGAIN_MS) return;
      triedAt = now;
      // While the primary is unreachable, the last known position stays.
      read().catch(() => {});
    },
  };
}
