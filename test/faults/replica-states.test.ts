import { setTimeout as delay } from "node:timers/promises";

import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type RunningServer, runProgram, startServer } from "../harness/program.ts";
import { create } from "../harness/writes.ts";
import { call } from "./callers.ts";
import { postgresPrograms } from "./installed.ts";
import { type ReplicatedDatabase, startReplicated } from "./lagging-replica.ts";

const programs = postgresPrograms();
const name =
  programs === null ? "states of replicas (skipped: this machine has no pg_basebackup)" : "states of replicas";

const MAX_LAG_MS = 2000;

describe.skipIf(programs === null)(name, () => {
  let database: ReplicatedDatabase;
  let env: Record<string, string>;
  let server: RunningServer;
  let origin = "";

  beforeAll(async () => {
    database = await startReplicated(programs ?? "");
    env = {
      DATABASE_URL: database.primary.url,
      DATABASE_REPLICA_URLS: database.replica.url,
      DATABASE_REPLICA_MAX_LAG_MS: String(MAX_LAG_MS),
    };
    server = await startServer(env);
    origin = new URL(server.url).origin;
  }, 60_000);
  afterAll(async () => {
    await server.stop("SIGTERM");
    await database.remove();
  });

  const state = async () => {
    const { status, body } = await call(`${origin}/health/ready`);
    expect(status, body).toBe(200);
    const [{ state, reason }] = JSON.parse(body).replicas;
    return reason ?? state;
  };
  const untilIs = (expected: string) => vi.waitUntil(async () => (await state()) === expected, { timeout: 20_000 });
  const diagnosis = async () => (await runProgram(["doctor"], { ...env, PORT: "0" })).stdout;

  test("one that is further behind than DATABASE_REPLICA_MAX_LAG_MS is unavailable until it has caught up", async () => {
    await untilIs("ok");
    await database.fallBehind();
    await create({ origin });
    await untilIs("too far behind");
    expect(await diagnosis()).toMatch(/warn +replica .+DATABASE_REPLICA_MAX_LAG_MS/);
    await database.catchUp();
    await untilIs("ok");
  });

  test("one that is up to date is not behind, however long ago the last commit was", async () => {
    await database.catchUp();
    await untilIs("ok");
    for (let look = 0; look < 10; look += 1) {
      await delay((2 * MAX_LAG_MS) / 10);
      expect(await state()).toBe("ok");
    }
    await create({ origin });
    expect(await state()).toBe("ok");
  });

  test("one that answers and receives nothing is unavailable until it receives again", async () => {
    const admin = postgres(database.replica.url, { max: 1, onnotice: () => {} });
    const [row] = await admin`SELECT current_setting('primary_conninfo') AS conninfo`;
    const follow = async (conninfo: string) => {
      await admin.unsafe(`ALTER SYSTEM SET primary_conninfo = '${conninfo.replaceAll("'", "''")}'`);
      await admin`SELECT pg_reload_conf()`;
    };
    await untilIs("ok");
    await follow("host=127.0.0.1 port=1");
    await untilIs("no WAL receiver");
    expect(await diagnosis()).toMatch(/warn +replica .+primary_conninfo/);
    await follow(row?.conninfo);
    await admin.end();
    await untilIs("ok");
  });
});
