import type { WalPosition } from "../../model/wal-position.ts";
import type { Executor } from "../database/executor.ts";
import { readWrittenPosition } from "./wal-position.ts";

/** How far a primary has written its log, as a server knows it. */
export interface PrimaryLog {
  /** As it was when it was last read, and when that was. Costs nothing. */
  latest(): WrittenPosition;
  /** As it is now. One statement. */
  read(): Promise<WalPosition>;
  /** Has it read when that was not done of late. Waits for nothing. */
  refresh(): void;
}

export interface WrittenPosition extends WalPosition {
  /** On the clock of `performance`. */
  at: number;
}

// How long another primary, on a timeline of its own, goes unnoticed by a server that does not write.
const READ_AGAIN_MS = 1000;

/** The log of the primary. One statement. */
export async function openPrimaryLog(primary: Executor): Promise<PrimaryLog> {
  let latest: WrittenPosition = { ...(await readWrittenPosition(primary)), at: performance.now() };
  let triedAt = latest.at;

  const read = async () => {
    const at = performance.now();
    const position = await readWrittenPosition(primary);
    // The answer to an earlier question may come later.
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
      // While the primary is away, what is known of it stays.
      read().catch(() => {});
    },
  };
}
