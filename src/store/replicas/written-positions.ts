import type { Scope } from "../sql/scope.ts";

/** How far a replica must have replayed the log before a caller of this server sees all of its own writes there. */
export interface WrittenPositions {
  /** Records that the log contains the caller's write up to the position. */
  note(scope: Scope, position: bigint): void;
  /** Makes the position a minimum for every caller. */
  noteForAll(position: bigint): void;
  /** The position that a read of the caller needs: at least the given one. */
  neededBy(scope: Scope, position: bigint): bigint;
}

/** A caller's write, which the log contains up to the position; null for a write whose place is unknown. */
export type WrittenPosition = { scope: Scope; lsn: bigint } | null;

const CALLERS_KEPT = 10_000;

/**
 * Written positions by caller. One position for the whole server would exclude every replica while any caller writes. A
 * project's backend that names no user reads the writes of all users, and needs the latest of their positions. Memory
 * is bounded: the position of the caller that wrote longest ago becomes the minimum for all, which costs little as it
 * is old.
 */
export function createWrittenPositions(): WrittenPositions {
  const positions = new Map<string, bigint>();
  let forAll = 0n;

  const raise = (caller: string, position: bigint) => {
    const latest = later(position, positions.get(caller) ?? 0n);
    // Deleted first, so that the map is ordered by last write.
    positions.delete(caller);
    positions.set(caller, latest);
    const [oldest] = positions;
    if (positions.size <= CALLERS_KEPT || oldest === undefined) return;
    positions.delete(oldest[0]);
    forAll = later(forAll, oldest[1]);
  };

  return {
    note({ projectId, isolationKey }, position) {
      raise(callerName(projectId), position);
      raise(callerName(projectId, isolationKey), position);
    },
    noteForAll(position) {
      forAll = later(forAll, position);
    },
    neededBy({ projectId, isolationKey }, position) {
      // A backend may write without naming the conversation's user, and read as that user.
      const callers =
        isolationKey === null
          ? [callerName(projectId)]
          : [callerName(projectId, isolationKey), callerName(projectId, null)];
      return callers.map((caller) => positions.get(caller) ?? 0n).reduce(later, later(position, forAll));
    },
  };
}

function callerName(...parts: (string | null)[]): string {
  return JSON.stringify(parts);
}

function later(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}
