import { sql } from "drizzle-orm";

import { LAST_POSITION, type WalPosition } from "../../model/wal-position.ts";
import type { Executor } from "../database/executor.ts";

/**
 * How far the primary has written its log: a replica that has replayed this much shows every commit that was answered
 * before this statement. Uses the insert position rather than the flush position, which a commit may not wait for. One
 * statement.
 */
export async function readWrittenPosition(primary: Executor): Promise<WalPosition> {
  const [row] = await primary.read<{ timeline: string; lsn: string }>(
    sql`SELECT left(pg_walfile_name(lsn), 8) AS timeline, pg_wal_lsn_diff(lsn, '0/0')::text AS lsn
      FROM pg_current_wal_insert_lsn() AS lsn`,
  );
  return row === undefined ? LAST_POSITION : { timeline: Number.parseInt(row.timeline, 16), lsn: BigInt(row.lsn) };
}

/**
 * The identifier that a primary and its replicas share; positions in the logs of other systems mean nothing here. One
 * statement.
 */
export async function readSystemIdentifier(primary: Executor): Promise<string> {
  const [row] = await primary.read<{ system: string }>(
    sql`SELECT system_identifier::text AS system FROM pg_control_system()`,
  );
  return row?.system ?? "";
}

/** How far a replica has replayed its primary's log. */
export interface ReplayedPosition extends WalPosition {
  /** Whether the replica receives the log as it is written. */
  isReceiving: boolean;
}

/**
 * How far a replica has replayed its primary's log; null for a server that is no replica of that system. The timeline
 * is that of the received log where PostgreSQL shows it to the account (`pg_read_all_stats`), else that of the last
 * checkpoint, which lags up to `checkpoint_timeout` behind a switch. One statement.
 */
export async function readReplayedPosition(replica: Executor, system: string): Promise<ReplayedPosition | null> {
  const [row] = await replica.read<{ timeline: number; lsn: string; isReceiving: boolean }>(
    sql`SELECT coalesce(w.received_tli, greatest(c.timeline_id, r.min_recovery_end_timeline)) AS timeline,
        pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::text AS lsn, w.pid IS NOT NULL AS "isReceiving"
      FROM pg_control_system() s, pg_control_recovery() r, pg_control_checkpoint() c
        LEFT JOIN pg_stat_wal_receiver w ON true
      WHERE s.system_identifier::text = ${system} AND pg_is_in_recovery() AND pg_last_wal_replay_lsn() IS NOT NULL`,
  );
  return row === undefined ? null : { ...row, lsn: BigInt(row.lsn) };
}
