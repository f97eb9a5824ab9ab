import { type SQL, sql } from "drizzle-orm";
import { vi } from "vitest";

import type { Database } from "../../src/store/database/client.ts";
import { ON_CITUS } from "./citus.ts";

// Not pg_stat_activity, of which a transaction keeps what it has seen: a connection may be opened for the work.
const WAITING = ON_CITUS
  ? // On whatever machine they wait.
    sql`SELECT waiting_gpid FROM citus_lock_waits WHERE blocking_gpid = citus_backend_gpid()`
  : sql`SELECT pid FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))`;
const WAIT = { timeout: 60_000, interval: 10 };

/**
 * Runs the statement in a transaction of its own, starts the work, and commits once a statement of the work waits for a
 * lock of the transaction. Resolves to the work's result.
 */
export async function whileLocked<Result>(
  database: Database,
  statement: SQL,
  work: () => Promise<Result>,
): Promise<Result> {
  let working: Promise<Result> | undefined;
  await database.transaction(async (transaction) => {
    await transaction.rows(statement);
    working = work();
    await vi.waitUntil(async () => {
      const waiting = await transaction.rows(WAITING);
      return waiting.length > 0;
    }, WAIT);
  });
  if (working === undefined) throw new Error("The transaction did not come to the work.");
  return working;
}
