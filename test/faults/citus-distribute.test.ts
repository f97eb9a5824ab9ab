import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

import type { Database } from "../../src/store/database/client.ts";
import { isDistributed } from "../../src/store/distributed/is-distributed.ts";
import { databaseUrl, withAdmin } from "../harness/admin.ts";
import { connectTo } from "../harness/connect.ts";
import { readEveryTable } from "../harness/every-table.ts";
import { runCommand, startCommand } from "../harness/run-command.ts";
import { tell } from "./callers.ts";
import { type CitusCluster, citusPrograms, named, startCitus } from "./citus-cluster.ts";

const programs = citusPrograms();

describe.skipIf(programs === null)(named("distribute that ends midway"), () => {
  let cluster: CitusCluster;
  let before: Record<string, string[]>;

  beforeAll(async () => {
    cluster = await startCitus(programs ?? "");
    expect(await runCommand(cluster.url, ["migrate"])).toMatchObject({ status: 0 });
    expect(await runCommand(cluster.url, ["seed", "--conversations", "500"])).toMatchObject({ status: 0 });
    before = await reading(readEveryTable);
  }, 120_000);
  afterAll(() => cluster?.remove(), 60_000);

  const reading = async <Result>(read: (database: Database) => Promise<Result>): Promise<Result> => {
    const database = connectTo(cluster.url, { statementTimeoutMs: 30_000 });
    try {
      return await read(database);
    } finally {
      await database.close();
    }
  };
  /** Does what is to be done once the command has said that the second table's turn is there; resolves to its outcome. */
  const breakInto = async (strike: (process: ReturnType<typeof startCommand>["process"]) => Promise<unknown>) => {
    const { process: command, outcome } = startCommand(cluster.url, ["distribute", "--yes"]);
    let said = "";
    const second = new Promise<void>((resolve) => {
      command.stderr?.on("data", (part) => {
        said += part;
        if (said.split("\n").length > 2) resolve();
      });
    });
    await Promise.race([second, outcome]);
    expect(said).toMatch(/^projects \(\d+ bytes\)\nconversations \(\d+ bytes\)\n$/);
    await strike(command);
    return outcome;
  };
  const expectAsBefore = async () => {
    const begin = performance.now();
    await vi.waitUntil(async () => (await Promise.all(cluster.nodes.map(countLeft))).every((left) => left === 0), {
      timeout: 10_000,
      interval: 100,
    });
    tell(`no session, lock, prepared transaction or shard left after ${Math.round(performance.now() - begin)} ms`);
    expect(await reading(isDistributed)).toBe(false);
    expect(await reading((database) => database.rows(sql`SELECT logicalrelid FROM pg_dist_partition`))).toEqual([]);
    expect(await reading(readEveryTable)).toEqual(before);
  };

  test("killed: nothing is distributed or lost, and no lock is held", async () => {
    expect(await breakInto(async (command) => command.kill("SIGKILL"))).toMatchObject({ status: null });
    await expectAsBefore();
  });

  test("a worker is lost: the command says so, all is as before, and distributed once the worker is back", async () => {
    const [, , worker] = cluster.nodes;
    const { status, stderr } = await breakInto(async () => worker?.stop("immediate"));
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(/was lost \(.+\)\. It is done as a whole or not at all: run it again/),
    });
    const refused = await runCommand(cluster.url, ["distribute", "--yes"]);
    expect(refused).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^Nothing is distributed: worker .+ does not answer/),
    });
    await worker?.start();
    await expectAsBefore();
    expect(await runCommand(cluster.url, ["distribute", "--yes"])).toMatchObject({ status: 0 });
    expect(await reading(isDistributed)).toBe(true);
    expect(await reading(readEveryTable)).toMatchObject(before);
    // The shards are what the count of leftovers would have seen.
    expect(await Promise.all(cluster.nodes.slice(1).map(countLeft))).not.toContain(0);
  });
});

/** What an unfinished transaction has left on the node: sessions, locks, prepared transactions, and tables of shards. */
async function countLeft({ url }: { url: string }): Promise<number> {
  return withAdmin(databaseUrl(url, "conversations"), async (admin) => {
    // Citus hides the tables of shards otherwise.
    await admin`SET citus.override_table_visibility = off`;
    const [row] = await admin<{ left: number }[]>`
      SELECT ((SELECT count(*) FROM pg_stat_activity WHERE application_name = 'conversation-graph')
        + (SELECT count(*) FROM pg_locks WHERE locktype IN ('relation', 'advisory') AND pid <> pg_backend_pid()
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
        + (SELECT count(*) FROM pg_prepared_xacts)
        + (SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname ~ '_\\d{6}$'))::integer AS left`;
    return row?.left ?? -1;
  });
}
