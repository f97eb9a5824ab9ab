import { setTimeout as delay } from "node:timers/promises";

import type { SQL } from "drizzle-orm";
import { LAST_POSITION, type WalPosition } from "../../model/wal-position.ts";
import type { Database } from "../database/client.ts";
import type { ConnectOptions } from "../database/driver.ts";
import type { Requester } from "../database/requester.ts";
import type { SemaphoreLoad } from "../database/semaphore.ts";
import type { Scope } from "../sql/scope.ts";
import { openPrimaryLog } from "./primary-log.ts";
import { createReplica, LATEST_ANSWER_MS, NO_ANSWER, type Replica, type ReplicaState } from "./replica.ts";
import { readSystemIdentifier } from "./wal-position.ts";
import { createWrittenPositions } from "./written-positions.ts";

/** The streaming replicas beside the primary. */
export interface Replicas {
  /** What tells the primary and its replicas from all other servers. */
  readonly system: string;
  /**
   * The database for one query of the caller. It reads from a replica that has replayed the log up to the position, and
   * to where this server's writes of the caller are; from the primary where none has. Whatever it does but `read` goes to
   * the primary.
   */
  forQuery(scope: Scope, position: WalPosition): Database;
  /**
   * To be called after a write of the caller, before it is answered. How far the log must be replayed to show it; the
   * last position of all while nobody can tell. One statement on the primary.
   */
  noteWrite(scope: Scope): Promise<WalPosition>;
  /** How each of them is, in the order of the settings; within two seconds. One statement on the primary. */
  states(): Promise<({ host: string } & ReplicaState)[]>;
  /** How busy the pool of each is now, in the same order. */
  loads(): { host: string; load: SemaphoreLoad }[];
  close(): Promise<void>;
}

/**
 * The replicas behind the URLs, with a pool for each. One that is further behind than `maxLagMs` is not read. A lost one is
 * asked again and again, while somebody reads. Two statements on the primary; whether there are replicas behind the URLs
 * is found out as they are used.
 */
export async function openReplicas(
  primary: Database,
  urls: readonly string[],
  options: ConnectOptions,
  maxLagMs: number,
): Promise<Replicas> {
  const system = await readSystemIdentifier(primary);
  const log = await openPrimaryLog(primary);
  const replicas = urls.map((url) => createReplica(url, log, { system, maxLagMs }, options));
  const written = createWrittenPositions();
  let turn = 0;
  // Writes of which nobody could tell how far the log must be replayed to show them. Meanwhile no replica will do.
  let unplaced = 0;
  let placing = false;

  const place = async () => {
    if (placing) return;
    placing = true;
    const count = unplaced;
    try {
      written.noteForAll((await log.read()).lsn);
      unplaced -= count;
    } catch {
      // The primary is away still: the next query tries again.
    } finally {
      placing = false;
    }
  };
  const choose = (scope: Scope, { timeline, lsn }: WalPosition): Replica | null => {
    log.refresh();
    if (unplaced > 0) {
      void place();
      return null;
    }
    // Another server has heard of a new primary already.
    if (timeline > log.latest().timeline) return null;
    const needed = written.neededBy(scope, lsn);
    const usable = replicas.filter((replica) => replica.hasReplayed(needed));
    turn += 1;
    return usable[turn % usable.length] ?? null;
  };

  return {
    system,
    forQuery(scope, position) {
      return readingFrom(choose(scope, position), primary);
    },
    async noteWrite(scope) {
      try {
        const position = await log.read();
        written.note(scope, position.lsn);
        return position;
      } catch {
        unplaced += 1;
        return LAST_POSITION;
      }
    },
    async states() {
      // While the primary is away, what is known of it stays.
      await inTime(log.read()).catch(() => null);
      return Promise.all(
        replicas.map(async (replica) => ({ host: replica.host, ...((await inTime(replica.ask())) ?? NO_ANSWER) })),
      );
    },
    loads: () => replicas.map(({ host, load }) => ({ host, load: load() })),
    async close() {
      await Promise.all(replicas.map((replica) => replica.close()));
    },
  };
}

/** The answer; null when it takes too long. */
function inTime<Answer>(answer: Promise<Answer>): Promise<Answer | null> {
  return Promise.race([answer, delay(LATEST_ANSWER_MS, null, { ref: false })]);
}

/**
 * The primary, but for what is read: that comes from the replica until it has no answer once. From then on it is the
 * primary's, so that what one query reads never goes back in time. No rows are no answer either: they may not have come
 * to the replica yet, and an id or a cursor from somebody else's answer must not fail over that.
 */
function readingFrom(replica: Replica | null, primary: Database): Database {
  if (replica === null) return primary;
  let source: Replica | null = replica;
  const read = async <Row>(query: (database: Database) => Promise<Row[]>): Promise<Row[]> => {
    const rows = await source?.read(query);
    if (rows != null && rows.length > 0) return rows;
    source = null;
    return query(primary);
  };
  return {
    ...primary,
    read: <Row extends object>(statement: SQL, requester?: Requester) =>
      read((database) => database.read<Row>(statement, requester)),
    readBytes: (statement, requester) => read((database) => database.readBytes(statement, requester)),
  };
}
