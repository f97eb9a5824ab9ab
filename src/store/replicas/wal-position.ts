import { sql } from "drizzle-orm";

import type { Executor } from "../database/executor.ts";

/** Beyond everything: what needs it is known to the primary alone. */
export const LAST_POSITION = 2n ** 64n - 1n;

/**
 * How far the primary has written its log, in bytes: a replica that has replayed that much shows every commit that was
 * answered before this was asked. Where the log is inserted, not where it is flushed: a commit need not wait for that.
 */
export async function readWrittenPosition(primary: Executor): Promise<bigint> {
  const [row] = await primary.read<{ position: string }>(
    sql`SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::text AS position`,
  );
  return row === undefined ? LAST_POSITION : BigInt(row.position);
}

/** What tells a primary and its replicas from all other servers, whose logs mean something else. */
export async function readSystemIdentifier(primary: Executor): Promise<string> {
  const [row] = await primary.read<{ system: string }>(
    sql`SELECT system_identifier::text AS system FROM pg_control_system()`,
  );
  return row?.system ?? "";
}

/** How far a replica has replayed its primary's log, in bytes; null for a server that is no replica of that system. */
export async function readReplayedPosition(replica: Executor, system: string): Promise<bigint | null> {
  const [row] = await replica.read<{ position: string }>(
    sql`SELECT pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::text AS position
      FROM pg_control_system() WHERE system_identifier::text = ${system}
      AND pg_is_in_recovery() AND pg_last_wal_replay_lsn() IS NOT NULL`,
  );
  return row === undefined ? null : BigInt(row.position);
}
