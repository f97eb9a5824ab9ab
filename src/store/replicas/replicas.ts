import { setTimeout as delay } from "node:timers/promises";

import type { SQL } from "drizzle-orm";
import type { Broadcast } from "../../model/broadcast.ts";
import { LAST_POSITION, type WalPosition } from "../../model/wal-position.ts";
import type { Database } from "../database/client.ts";
import type { ConnectOptions } from "../database/driver.ts";
import type { Requester } from "../database/requester.ts";
import type { SemaphoreLoad } from "../database/semaphore.ts";
import type { Scope } from "../sql/scope.ts";
import { openPrimaryLog } from "./primary-log.ts";
import { createReplica, LATEST_ANSWER_MS, NO_ANSWER, type ReplicaReader, type ReplicaState } from "./replica.ts";
import { readSystemIdentifier } from "./wal-position.ts";
import { createWrittenPositions, type WrittenPosition } from "./written-positions.ts";

/** The streaming replicas of the primary. */
export interface Replicas {
  /** Identifies the primary and its replicas among all servers. */
  readonly system: string;
  /**
   * The database for one query of the caller. Reads go to a replica that has replayed the log up to the position and up
   * to this server's writes for the caller, and to the primary where there is none. Everything else goes to the
   * primary.
   */
  forQuery(scope: Scope, position: WalPosition): Database;
  /**
   * To be called after a write of the caller, before its answer. Resolves to the position that a replica must have
   * replayed to show the write; to the last position of all while that is unknown. One statement on the primary.
   */
  noteWrite(scope: Scope): Promise<WalPosition>;
  /** The state of each, in the order of the settings, within two seconds. One statement on the primary. */
  states(): Promise<({ host: string } & ReplicaState)[]>;
  /** How busy the pool of each is now, in the same order. */
  loads(): { host: string; load: SemaphoreLoad }[];
  close(): Promise<void>;
}

/**
 * The replicas behind the URLs, with a pool for each. One that is more than `maxLagMs` milliseconds behind is not read.
 * A lost one is asked again while requests read. Two statements on the primary; the URLs are checked as they are used. What is
 * written through `others`, the other processes of this server, counts as this server's.
 */
export async function openReplicas(
  primary: Database,
  urls: readonly string[],
  options: ConnectOptions,
  maxLagMs: number,
  others: Broadcast<WrittenPosition> | null = null,
): Promise<Replicas> {
  const system = await readSystemIdentifier(primary);
  const log = await openPrimaryLog(primary);
  const replicas = urls.map((url) => createReplica(url, log, { system, maxLagMs }, options));
  const written = createWrittenPositions();
  let turn = 0;
  // Writes at unknown positions. While there are any, no replica is good enough.
  let unplaced = 0;
  let placing = false;
  others?.receive((position) => {
    if (position === null) unplaced += 1;
    else written.note(position.scope, position.lsn);
  });

  const place = async () => {
    if (placing) return;
    placing = true;
    const count = unplaced;
    try {
      written.noteForAll((await log.read()).lsn);
      unplaced -= count;
    } catch {
      // The primary is still unreachable: the next query tries again.
    } finally {
      placing = false;
    }
  };
  const choose = (scope: Scope, { timeline, lsn }: WalPosition): ReplicaReader | null => {
    log.refresh();
    if (unplaced > 0) {
      void place();
      return null;
    }
    // Another server knows a newer primary already.
    if (timeline > log.latest().timeline) return null;
    const needed = written.neededBy(scope, lsn);
    const usable = replicas.map((replica) => replica.readerAt(needed)).filter((reader) => reader !== null);
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
        // Before the answer: the caller may read through another process next.
        await others?.send({ scope, lsn: position.lsn });
        return position;
      } catch {
        unplaced += 1;
        await others?.send(null);
        return LAST_POSITION;
      }
    },
    async states() {
      // While the primary is unreachable, the last known position stays.
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
 * The primary, with reads from the replica until the replica fails to answer once. From then on the primary answers, so
 * that the reads of one query never go back in time. An empty result counts as no answer: rows may not have arrived
 * yet, and an id or a cursor from another answer must not fail because of that.
 */
function readingFrom(reader: ReplicaReader | null, primary: Database): Database {
  if (reader === null) return primary;
  let source: ReplicaReader | null = reader;
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
