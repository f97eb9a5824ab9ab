import { sqlState } from "../../model/errors.ts";
import { connect, type Database } from "../database/client.ts";
import type { ConnectOptions } from "../database/driver.ts";
import type { SemaphoreLoad } from "../database/semaphore.ts";
import type { PrimaryLog, WrittenPosition } from "./primary-log.ts";
import { type ReplayedPosition, readReplayedPosition, refuseOtherThan } from "./wal-position.ts";

/** The state in which a replica answered. */
export type ReplicaState =
  | { state: "ok" | "not a replica" }
  | { state: "unavailable"; reason: "no answer" | "another timeline" | "no WAL receiver" | "too far behind" };

/** A streaming replica of the primary: perhaps behind, perhaps unreachable. */
export interface Replica {
  /** Host and port, as in its URL. */
  readonly host: string;
  /** What reads from the replica, if it was ok recently and had replayed the log up to the position. No cost, no wait. */
  readerAt(lsn: bigint): ReplicaReader | null;
  /** Asks the replica for its state. */
  ask(): Promise<ReplicaState>;
  /** How busy its pool is now. */
  load(): SemaphoreLoad;
  close(): Promise<void>;
}

/** Reads from one running server: never from another one that a balancer puts in its place. */
export interface ReplicaReader {
  /** The rows of the query; null when the replica cannot answer it. Rejects when the statement took too long. */
  read<Row>(query: (database: Database) => Promise<Row[]>): Promise<Row[] | null>;
}

/** How to tell replicas from other servers, and how far behind one may be. */
export interface ReplicaRules {
  system: string;
  maxLagMs: number;
}

// A position of this age is read again at the next read of a request.
const ASK_AGAIN_MS = 100;
// A replica that is silent for longer is not waited for.
export const LATEST_ANSWER_MS = 1000;
// While the primary is there, a busy replica is not worth a long wait.
const POOL_TIMEOUT_MS = 200;
const TOOK_TOO_LONG = "57014";
export const NO_ANSWER: ReplicaState = { state: "unavailable", reason: "no answer" };

/**
 * The replica behind the URL, of the primary with this log. Opens no connection before the first read. Where the URL leads
 * to several, the one that was met by the connection that asks is read, until that connection meets another.
 */
export function createReplica(url: string, log: PrimaryLog, rules: ReplicaRules, options: ConnectOptions): Replica {
  const poolTimeoutMs = Math.min(options.poolTimeoutMs, POOL_TIMEOUT_MS);
  // Apart from the reads, which may hold every connection of the pool.
  const watcher = connect(url, {
    ...options,
    checkSession: async () => {},
    poolSize: 1,
    statementTimeoutMs: LATEST_ANSWER_MS,
  });
  const openFor = (server: string) => {
    const database = connect(url, { ...options, poolTimeoutMs, checkSession: refuseOtherThan(server) });
    return { server, database, read: readingFrom(database) };
  };
  let source = openFor("");
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
        if (position !== null && position.server !== source.server) {
          void source.database.close();
          source = openFor(position.server);
        }
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
    load: () => source.database.load(),
    readerAt(lsn) {
      const now = performance.now();
      if (now - askedAt >= ASK_AGAIN_MS) void ask();
      if (replayed === null || now - answeredAt >= LATEST_ANSWER_MS) return null;
      return replayed.lsn >= lsn && replayed.timeline === log.latest().timeline ? source : null;
    },
    async close() {
      await Promise.all([source.database.close(), watcher.close()]);
    },
  };
}

function readingFrom(database: Database): ReplicaReader["read"] {
  return async (query) => {
    try {
      return await query(database);
    } catch (error) {
      // The primary would take as long, and the caller would wait for both.
      if (sqlState(error) === TOOK_TOO_LONG) throw error;
      // Lost, busy, or in conflict with what it replays. The primary reports a fault of the statement itself as well.
      return null;
    }
  };
}

/**
 * Whether a replica lacks what the primary had written `maxLagMs` ago, evaluated at each of its answers. By the clock
 * of this process: those of the primary and the replica may differ, and commits may be far apart.
 */
function createLagCheck(log: PrimaryLog, maxLagMs: number): (replayed: ReplayedPosition) => boolean {
  // The first position that the replica was not seen to have replayed. What was written before this process began
  // counts as late at once.
  let missing: WrittenPosition = { ...log.latest(), at: Number.NEGATIVE_INFINITY };
  return ({ lsn }) => {
    const latest = log.latest();
    // A new primary may have written less than the one before it.
    if (lsn >= missing.lsn || missing.timeline !== latest.timeline) missing = latest;
    return lsn < missing.lsn && performance.now() - missing.at > maxLagMs;
  };
}
