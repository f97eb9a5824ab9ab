import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type RunningServer, startServer } from "../harness/program.ts";
import { create, says } from "../harness/writes.ts";
import { call, document } from "./callers.ts";
import { installedProgram, postgresPrograms } from "./installed.ts";
import { type PgBouncer, startPgBouncer } from "./pgbouncer.ts";
import { type PostgresServer, startPrimary, startReplica } from "./postgres-server.ts";

const programs = postgresPrograms();
const bouncer = installedProgram("pgbouncer");
const missing = programs === null || bouncer === null;
const name = missing
  ? "a switchover behind PgBouncer (skipped: this machine has no pgbouncer, or no PostgreSQL for it)"
  : "a switchover behind PgBouncer";

const APPEND = "mutation ($input: AppendTurnInput!) { appendTurn(input: $input) { turn { id } } }";

describe.skipIf(missing)(name, () => {
  let first: PostgresServer;
  let second: PostgresServer;
  let poolers: PgBouncer[];
  let server: RunningServer;

  beforeEach(async () => {
    first = await startPrimary(programs ?? "");
    second = await startReplica(programs ?? "", first);
    poolers = [await startPgBouncer(bouncer ?? "", first.url), await startPgBouncer(bouncer ?? "", second.url)];
    const hosts = poolers.map(({ url }) => new URL(url).host).join();
    server = await startServer({ DATABASE_URL: `postgres://postgres@${hosts}/postgres`, DATABASE_PREPARE: "0" });
  }, 60_000);
  afterEach(async () => {
    await server.stop("SIGTERM");
    for (const pooler of poolers) await pooler.stop();
    await Promise.all([first.remove(), second.remove()]);
  });

  // PgBouncer has known the new primary as a standby, and reports that to its clients forever.
  test("with a pooler before each host: writes go to the new primary without a restart", async () => {
    const { origin } = new URL(server.url);
    const conversationId = await create({ origin });
    await first.stop("fast");
    await second.promote();
    const append = () =>
      call(`${origin}/graphql`, document(APPEND, { input: { conversationId, turn: says("after") } }));
    await vi.waitUntil(async () => (await append()).status === 200, { timeout: 10_000 });
    for (let round = 0; round < 10; round += 1) expect((await append()).status).toBe(200);
    expect((await call(`${origin}/health/ready`)).status).toBe(200);
  });
});
