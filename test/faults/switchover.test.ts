import { setTimeout as delay } from "node:timers/promises";

import postgres from "postgres";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type RunningServer, runProgram, startServer } from "../harness/program.ts";
import { create, says } from "../harness/writes.ts";
import { call, document, READS, tell } from "./callers.ts";
import { postgresPrograms } from "./installed.ts";
import { type PostgresServer, startPrimary, startReplica } from "./postgres-server.ts";
import { type Relay, startRelay } from "./relay.ts";

const programs = postgresPrograms();
const name = programs === null ? "switchover (skipped: this machine has no pg_basebackup)" : "switchover";

const APPEND = "mutation ($input: AppendTurnInput!) { appendTurn(input: $input) { turn { id } } }";

describe.skipIf(programs === null)(name, () => {
  let first: PostgresServer;
  let second: PostgresServer;
  let relay: Relay;
  let server: RunningServer | undefined;
  let origin = "";

  beforeEach(async () => {
    first = await startPrimary(programs ?? "");
    second = await startReplica(programs ?? "", first);
    relay = await startRelay(first.url);
  });
  afterEach(async () => {
    await server?.stop("SIGTERM");
    relay.close();
    await Promise.all([first.remove(), second.remove()]);
  });

  const bothHosts = () => `postgres://postgres@${new URL(first.url).host},${new URL(second.url).host}/postgres`;
  const serve = async (url: string) => {
    server = await startServer({ DATABASE_URL: url });
    origin = new URL(server.url).origin;
    return create({ origin });
  };
  const append = (conversationId: string, content: string) =>
    call(`${origin}/graphql`, document(APPEND, { input: { conversationId, turn: says(content) } }));
  const readiness = async () => {
    const { status, body } = await call(`${origin}/health/ready`);
    return { status, database: JSON.parse(body).database };
  };

  test("two hosts: writes go to the new primary without a restart, and none that was acknowledged is lost", async () => {
    const conversationId = await serve(bothHosts());
    const stored: string[] = [];
    const refused: string[] = [];
    let over = false;
    const write = async (writer: number) => {
      for (let said = 0; !over; said += 1) {
        const content = `${writer}/${said}`;
        const { status, body } = await append(conversationId, content);
        expect([200, 503], body).toContain(status);
        (status === 200 ? stored : refused).push(content);
        await delay(10);
      }
    };
    const writing = Promise.all(Array.from({ length: 8 }, (_, writer) => write(writer)));
    const untilMore = () => {
      const enough = stored.length + 100;
      return vi.waitUntil(() => stored.length > enough, { timeout: 20_000 });
    };
    await untilMore();
    await switchOver(first, second);
    await untilMore();
    await switchOver(second, first);
    await untilMore();
    over = true;
    await writing;

    expect(await readiness()).toEqual({ status: 200, database: "ok" });
    const kept = new Set(await readSaid(first, conversationId));
    expect(stored.filter((content) => !kept.has(content))).toEqual([]);
    tell(`two switchovers under 8 writers: ${stored.length} acknowledged, none lost; ${refused.length} answers 503`);
  }, 120_000);

  test("behind a balancer that is late: 503 and not ready while it leads to a standby, then as before", async () => {
    const conversationId = await serve(relay.url);
    await Promise.all(Array.from({ length: 10 }, () => append(conversationId, "before")));
    await switchOver(first, second);
    for (let round = 0; round < 5; round += 1) {
      const response = await fetch(
        `${origin}/graphql`,
        document(APPEND, { input: { conversationId, turn: says("x") } }),
      );
      expect([response.status, response.headers.get("retry-after")]).toEqual([503, "1"]);
      expect(await readiness()).toEqual({ status: 503, database: "standby" });
      for (const read of READS) expect((await read(origin)).status).toBe(503);
    }
    expect((await call(`${origin}/health/live`)).status).toBe(200);

    relay.pointTo(second.url);
    const answers = await Promise.all(Array.from({ length: 20 }, () => append(conversationId, "after")));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(await readiness()).toEqual({ status: 200, database: "ok" });
  });

  test("two hosts that both take writes: the one that was promoted last is the primary, also while it is away", async () => {
    await second.promote();
    const conversationId = await serve(bothHosts());
    expect((await append(conversationId, "kept")).status).toBe(200);
    await second.stop("fast");
    for (let round = 0; round < 5; round += 1) expect((await append(conversationId, "refused")).status).toBe(503);
    expect((await readiness()).status).toBe(503);
    await second.start();
    await vi.waitUntil(async () => (await append(conversationId, "again")).status === 200, { timeout: 5000 });
    expect(await readSaid(second, conversationId)).toEqual(["kept", "again"]);
  });

  test("a standby alone is told at the start, and by the doctor", async () => {
    for (const command of ["serve", "doctor"]) {
      const { status, stdout, stderr } = await runProgram([command], { DATABASE_URL: second.url, PORT: "0" });
      expect(status).toBe(1);
      expect(stdout + stderr).toMatch(/DATABASE_URL: no connection .+ standby.+Name the primary/);
    }
  });
});

/** As it is done in order: whatever was committed goes along. */
async function switchOver(from: PostgresServer, to: PostgresServer): Promise<void> {
  await from.stop("fast");
  await to.promote();
  await from.follow(to);
  await from.start();
}

async function readSaid(server: PostgresServer, conversationId: string): Promise<string[]> {
  const admin = postgres(server.url, { max: 1 });
  const turns = await admin`
    SELECT messages -> 0 ->> 'content' AS said FROM turns WHERE conversation_id = ${conversationId} ORDER BY position`;
  await admin.end();
  return turns.map(({ said }) => said);
}
