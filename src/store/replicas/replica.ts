import { sqlState } from "../../model/errors.ts";
import { connect, type Database } from "../database/client.ts";
import type { ConnectOptions } from "../database/driver.ts";
import type { SemaphoreLoad } from "../database/semaphore.ts";
import type { PrimaryLog, WrittenPosition } from "./primary-log.ts";
import { type ReplayedPosition, readReplayedPosition } from "./wal-position.ts";

/** How a replica is that was asked. */
export type ReplicaState =
  | { state: "ok" | "not a replica" }
  | { state: "unavailable"; reason: "no answer" | "another timeline" | "no WAL receiver" | "too far behind" };

/** A streaming replica of the primary: perhaps behind, perhaps away. */
export interface Replica {
  /** Host and port, as in its URL. */
  readonly host: string;
  /** Whether it was ok of late and had replayed the log up to the position then. Costs nothing and waits for nothing. */
  hasReplayed(lsn: bigint): boolean;
  /** The rows of the query; null when the replica cannot tell. An error when the statement took too long. */
  read<Row>(query: (database: Database) => Promise<Row[]>): Promise<Row[] | null>;
  /** Asks it how it is. */
  ask(): Promise<ReplicaState>;
  /** How busy its pool is now. */
  load(): SemaphoreLoad;
  close(): Promise<void>;
}

/** What replicas are told apart by from other servers, and how far one may be behind. */
export interface ReplicaRules {
  system: string;
  maxLagMs: number;
}

// A position that is this old is asked for again, when somebody wants to read.
const ASK_AGAIN_MS = 100;
// A replica that was silent for longer is not waited for.
export const LATEST_ANSWER_MS = 1000;
// Beside a primary that is there, nobody waits long for a busy replica.
const POOL_TIMEOUT_MS = 200;
const TOOK_TOO_LONG = "57014";
export const NO_ANSWER: ReplicaState = { state: "unavailable", reason: "no answer" };

/** The replica behind the URL of the primary with this log. Opens no connection before somebody wants to read. */
export function createReplica(url: string, log: PrimaryLog, rules: ReplicaRules, options: ConnectOptions): Replica {
  const standby = { ...options, allowStandby: true };
  const database = connect(url, { ...standby, poolTimeoutMs: Math.min(options.poolTimeoutMs, POOL_TIMEOUT_MS) });
  // Apart from what reads, which may hold every connection of the pool.
  const watcher = connect(url, { ...standby, poolSize: 1, statementTimeoutMs: LATEST_ANSWER_MS });
  const isBehind = createLagCheck(log, rules.maxLagMs);
  let replayed: ReplayedPosition | null = null;
  let answeredAt = Number.NEGATIVE_INFINITY;
  let askedAt = Number.NEGATIVE_INFINITY;
  let asking: Promise<ReplicaState> | null = null;

  const judge = (position: ReplayedPosition | null): ReplicaState => {
    if (position === null) return { state: "not a replica" };
    const isLate = isBehind(position);
    if (position.timeline !== log.latest().timeline) return { state: "unavailable", reason: "another timeline" };
    if (!position.isReceiving) return { state: "unavailable", reason: "no WAL receiver" };
    return isLate ? { state: "unavailable", reason: "too far behind" } : { state: "ok" };
  };
  const ask = (): Promise<ReplicaState> => {
    askedAt = performance.now();
    asking ??= readReplayedPosition(watcher, rules.system)
      .then((position) => {
        const state = judge(position);
        replayed = state.state === "ok" ? position : null;
        answeredAt = performance.now();
        return state;
      })
      .catch(() => {
        replayed = null;
        return NO_ANSWER;
      })
      .finally(() => {
        asking = null;
      });
    return asking;
  };

  return {
    host: new URL(url).host,
    ask,
    load: database.load,
    hasReplayed(lsn) {
      const now = performance.now();
      if (now - askedAt >= ASK_AGAIN_MS) void ask();
      if (replayed === null || now - answeredAt >= LATEST_ANSWER_MS) return false;
      return replayed.lsn >= lsn && replayed.timeline === log.latest().timeline;
    },
    async read(query) {
      try {
        return await query(database);
      } catch (error) {
        // The primary would take as long, and the caller would wait for both.
        if (sqlState(error) === TOOK_TOO_LONG) throw error;
        // Lost, busy, or in conflict with what it replays; what is wrong with the statement itself, the primary says too.
        return null;
      }
    },
    async close() {
      await Promise.all([database.close(), watcher.close()]);
    },
  };
}

/**
 * Whether a replica has not replayed yet what the primary had written so long ago, each time that it has answered. By this
 * process's clock, as the primary's and the replica's may differ, and commits may be far apart.
 */
function createLagCheck(log: PrimaryLog, maxLagMs: number): (replayed: ReplayedPosition) => boolean {
  // The first that it was not seen to have replayed. What was written before this process came is late at once.
  let missing: WrittenPosition = { ...log.latest(), at: Number.NEGATIVE_INFINITY };
  return ({ lsn }) => {
    const latest = log.latest();
    // A primary that took over may have less than the one before it had written.
    if (lsn >= missing.lsn || missing.timeline !== latest.timeline) missing = latest;
    return lsn < missing.lsn && performance.now() - missing.at > maxLagMs;
  };
}
