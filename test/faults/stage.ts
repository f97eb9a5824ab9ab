import postgres from "postgres";
import { onTestFinished } from "vitest";

import { type BreakableCluster, startBreakableCluster } from "../harness/cluster.ts";
import { type RunningServer, startServer } from "../harness/program.ts";

export interface ServerProcess extends Pick<RunningServer, "process" | "outcome" | "stop"> {
  /** Where it listens, without a path. */
  origin: string;
  pid: number;
}

/** A PostgreSQL that the test may break, and servers of this project on it. */
export interface Stage {
  cluster: BreakableCluster;
  /** The test's own way to the database, which no server has a part in. */
  admin: postgres.Sql;
  /** A server process, killed at the test's end. */
  serve(env?: Record<string, string>): Promise<ServerProcess>;
  close(): Promise<void>;
}

/** A new PostgreSQL without servers; `close` ends it. */
export async function setStage(): Promise<Stage> {
  const cluster = await startBreakableCluster();
  const admin = postgres(cluster.url, { max: 4, fetch_types: false, backoff: () => 0.1, onnotice: () => {} });
  return {
    cluster,
    admin,
    async serve(env = {}) {
      const { url, process, outcome, stop } = await startServer({ DATABASE_URL: cluster.url, ...env });
      onTestFinished(async () => {
        await stop("SIGKILL");
      });
      return { origin: new URL(url).origin, process, outcome, stop, pid: process.pid ?? 0 };
    },
    async close() {
      await admin.end();
      await cluster.stop();
    },
  };
}

/** Locks the tables while the work runs: no other session can read them. */
export async function whileTablesLocked(
  admin: postgres.Sql,
  tables: readonly string[],
  work: () => Promise<void>,
): Promise<void> {
  await admin.begin(async (transaction) => {
    await transaction.unsafe(`LOCK TABLE ${tables.join(", ")} IN ACCESS EXCLUSIVE MODE`);
    await work();
  });
}

/** How many statements of servers the database is running, or has waiting for a lock. */
export async function countRunning(admin: postgres.Sql): Promise<number> {
  const running = await admin`
    SELECT FROM pg_stat_activity WHERE application_name = 'conversation-graph' AND state = 'active'`;
  return running.length;
}
