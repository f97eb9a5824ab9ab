import type { Scope } from "../sql/scope.ts";

/** How far a replica must have replayed the log before a caller of this server sees all of its own writes there. */
export interface WrittenPositions {
  /** The caller's write is within the log up to the position. */
  note(scope: Scope, position: bigint): void;
  /** Everyone needs the position from now on. */
  noteForAll(position: bigint): void;
  /** What a read of the caller needs, which is the position at least. */
  neededBy(scope: Scope, position: bigint): bigint;
}

const CALLERS_KEPT = 10_000;

/**
 * Kept for each caller, not for the server: on a server that somebody writes through all the time, no replica would ever
 * have replayed enough for anybody. A project's backend that names no user reads what all users wrote, and so needs what
 * any of them did. Memory is bounded: what the longest silent caller needs becomes what all need, which is the past.
 */
export function createWrittenPositions(): WrittenPositions {
  const positions = new Map<string, bigint>();
  let forAll = 0n;

  const raise = (caller: string, position: bigint) => {
    const latest = later(position, positions.get(caller) ?? 0n);
    // Set anew, so that the map's order is that of the last writes.
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
      // A backend may write without naming the user whose conversation it is, and read as that user.
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
