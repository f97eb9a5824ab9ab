import { sqlState } from "../../model/errors.ts";
import { connect, type Database } from "../database/client.ts";
import type { ConnectOptions } from "../database/driver.ts";
import type { SlotLoad } from "../database/semaphore.ts";
import { readReplayedPosition } from "./wal-position.ts";

/** What a replica that is asked may be. */
export type ReplicaState = "ok" | "unavailable" | "not a replica";

/** A streaming replica of the primary: perhaps behind, perhaps away. */
export interface Replica {
  /** Host and port, as in its URL. */
  readonly host: string;
  /** Whether it answered of late and had replayed the log up to the position then. Costs nothing and waits for nothing. */
  hasReplayed(position: bigint): boolean;
  /** The rows of the query; null when the replica cannot tell. An error when the statement took too long. */
  read<Row>(query: (database: Database) => Promise<Row[]>): Promise<Row[] | null>;
  /** Asks it how it is. */
  ask(): Promise<ReplicaState>;
  /** How busy its pool is now. */
  load(): SlotLoad;
  close(): Promise<void>;
}

// A position that is this old is asked for again, when somebody wants to read.
const ASK_AGAIN_MS = 100;
// A replica that was silent for longer is not waited for.
export const LATEST_ANSWER_MS = 1000;
// Beside a primary that is there, nobody waits long for a busy replica.
const POOL_TIMEOUT_MS = 200;
const TOOK_TOO_LONG = "57014";

/** The replica of the system behind the URL. Opens no connection before somebody wants to read. */
export function createReplica(url: string, system: string, options: ConnectOptions): Replica {
  const database = connect(url, { ...options, poolTimeoutMs: Math.min(options.poolTimeoutMs, POOL_TIMEOUT_MS) });
  // Apart from what reads, which may hold every connection of the pool.
  const watcher = connect(url, { ...options, poolSize: 1, statementTimeoutMs: LATEST_ANSWER_MS });
  let replayed: bigint | null = null;
  let answeredAt = Number.NEGATIVE_INFINITY;
  let askedAt = Number.NEGATIVE_INFINITY;
  let asking: Promise<ReplicaState> | null = null;

  const ask = (): Promise<ReplicaState> => {
    askedAt = performance.now();
    asking ??= readReplayedPosition(watcher, system)
      .then((position): ReplicaState => {
        replayed = position;
        answeredAt = performance.now();
        return position === null ? "not a replica" : "ok";
      })
      .catch((): ReplicaState => {
        replayed = null;
        return "unavailable";
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
    hasReplayed(position) {
      const now = performance.now();
      if (now - askedAt >= ASK_AGAIN_MS) void ask();
      return replayed !== null && replayed >= position && now - answeredAt < LATEST_ANSWER_MS;
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
