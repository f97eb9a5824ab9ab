import { sql } from "drizzle-orm";

import { LAST_POSITION, type WalPosition } from "../../model/wal-position.ts";
import type { Client } from "../database/driver.ts";
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

// Replicas share the identifier of their system, and behind a balancer their address. No two start in the same microsecond.
const RUNNING_SERVER = "extract(epoch FROM pg_postmaster_start_time())::text";

/**
 * A check of connections that rejects, as if the connection were lost, where one leads to another running server: the
 * next attempt may lead to the right one. One statement.
 */
export function refuseOtherThan(server: string): (client: Client) => Promise<void> {
  return async (client) => {
    const [row] = await client.unsafe<{ server: string }[]>(`SELECT ${RUNNING_SERVER} AS server`);
    if (row?.server !== server) throw Object.assign(new Error("another replica"), { code: "CONNECTION_CLOSED" });
  };
}

/** How far a replica has replayed its primary's log. */
export interface ReplayedPosition extends WalPosition {
  /** Identifies the running server, which a balancer may have chosen among several. */
  server: string;
  /** Whether the replica receives the log as it is written. */
  isReceiving: boolean;
}

/**
 * How far a replica has replayed its primary's log; null for a server that is no replica of that system. The timeline
 * is that of the received log where PostgreSQL shows it to the account (`pg_read_all_stats`), else that of the last
 * checkpoint, which lags up to `checkpoint_timeout` behind a switch. One statement.
 */
export async function readReplayedPosition(replica: Executor, system: string): Promise<ReplayedPosition | null> {
  const [row] = await replica.read<{ server: string; timeline: number; lsn: string; isReceiving: boolean }>(
    sql`SELECT ${sql.raw(RUNNING_SERVER)} AS server,
        coalesce(w.received_tli, greatest(c.timeline_id, r.min_recovery_end_timeline)) AS timeline,
        pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::text AS lsn, w.pid IS NOT NULL AS "isReceiving"
      FROM pg_control_system() s, pg_control_recovery() r, pg_control_checkpoint() c
        LEFT JOIN pg_stat_wal_receiver w ON true
      WHERE s.system_identifier::text = ${system} AND pg_is_in_recovery() AND pg_last_wal_replay_lsn() IS NOT NULL`,
  );
  return row === undefined ? null : { ...row, lsn: BigInt(row.lsn) };
}
