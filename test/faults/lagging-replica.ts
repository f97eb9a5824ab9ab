import postgres from "postgres";
import { vi } from "vitest";

import { type PostgresServer, startPrimary, startReplica } from "./postgres-server.ts";

/** A primary with a streaming replica, which shows what is committed when the test says so. */
export interface ReplicatedDatabase {
  primary: PostgresServer;
  replica: PostgresServer;
  /** Resolves when the replica shows everything that was committed before. */
  catchUp(): Promise<void>;
  /** Resolves when the replica shows nothing of what is committed from then on. */
  fallBehind(): Promise<void>;
  remove(): Promise<void>;
}

/** Both made with the programs in the folder. */
export async function startReplicated(programs: string): Promise<ReplicatedDatabase> {
  const primary = await startPrimary(programs);
  const replica = await startReplica(programs, primary);
  const onPrimary = postgres(primary.url, { max: 1, onnotice: () => {} });
  const onReplica = postgres(replica.url, { max: 1, backoff: () => 0.1, onnotice: () => {} });
  await onPrimary`CREATE TABLE marks (mark integer)`;

  const setDelay = async (delay: string) => {
    await onReplica.unsafe(`ALTER SYSTEM SET recovery_min_apply_delay = '${delay}'`);
    await onReplica`SELECT pg_reload_conf()`;
  };
  const commit = async () => {
    const [row] = await onPrimary`INSERT INTO marks VALUES (1) RETURNING (SELECT count(*) FROM marks) AS before`;
    return Number(row?.before);
  };
  const countShown = async () => {
    const [row] = await onReplica`SELECT to_regclass('marks') IS NULL AS none`;
    return row?.none ? -1 : (await onReplica`SELECT FROM marks`).length;
  };
  const catchUp = async () => {
    await setDelay("0");
    const before = await commit();
    await vi.waitUntil(async () => (await countShown()) > before, { timeout: 30_000 });
  };
  return {
    primary,
    replica,
    catchUp,
    async fallBehind() {
      await catchUp();
      await setDelay("1h");
      // The setting comes to the process that applies at some moment: it has when a commit is not shown half a second on.
      await vi.waitUntil(
        async () => {
          const before = await commit();
          const isShown = vi.waitUntil(async () => (await countShown()) > before, { timeout: 500 });
          return isShown.then(
            () => false,
            () => true,
          );
        },
        { timeout: 30_000 },
      );
    },
    async remove() {
      await Promise.all([onPrimary.end(), onReplica.end()]);
      await replica.remove();
      await primary.remove();
    },
  };
}
