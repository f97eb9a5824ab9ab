import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

import { ask } from "../harness/graphql.ts";
import { type RunningServer, runProgram, startServer } from "../harness/program.ts";
import { watch } from "../harness/watch.ts";
import { append, create, readTurns, says } from "../harness/writes.ts";
import { call, READS } from "./callers.ts";
import { installedProgram, postgresPrograms } from "./installed.ts";
import { type PgBouncer, startPgBouncer } from "./pgbouncer.ts";
import { type PostgresServer, startPrimary } from "./postgres-server.ts";

const programs = postgresPrograms();
const bouncer = installedProgram("pgbouncer");
const missing = programs === null || bouncer === null;
const name = missing ? "PgBouncer (skipped: this machine has no pgbouncer, or no PostgreSQL for it)" : "PgBouncer";

describe.skipIf(missing)(name, () => {
  let database: PostgresServer;
  let pooler: PgBouncer;
  let env: Record<string, string>;
  let servers: RunningServer[];
  let one = { origin: "" };
  let other = { origin: "" };

  beforeAll(async () => {
    database = await startPrimary(programs ?? "");
    pooler = await startPgBouncer(bouncer ?? "", database.url);
    env = { DATABASE_URL: pooler.url, DATABASE_PREPARE: "0", DATABASE_LISTEN_URL: database.url };
    servers = [await startServer(env), await startServer(env)];
    [one = one, other = other] = servers.map(({ url }) => ({ origin: new URL(url).origin }));
  }, 60_000);
  afterAll(async () => {
    for (const server of servers) await server.stop("SIGTERM");
    await pooler.stop();
    await database.remove();
  });

  test("40 callers on two servers share two connections: every write counts once, every read is answered", async () => {
    const conversationId = await create(one);
    const callers = Array.from({ length: 40 }, async (_, caller) => {
      const server = caller % 2 === 0 ? one : other;
      for (let said = 0; said < 5; said += 1) {
        await append(server, { conversationId, turn: says("hello"), idempotencyKey: `${caller}/${said}` });
        const answer = await READS[said % READS.length]?.(server.origin);
        expect(answer?.status, answer?.body).toBe(200);
      }
    });
    await Promise.all(callers);
    const query = "query ($id: ID!) { conversation(id: $id) { turns(last: 1) { totalCount nodes { position } } } }";
    const { conversation } = await ask(one, query, { id: conversationId });
    expect(conversation.turns).toEqual({ totalCount: 200, nodes: [{ position: 200 }] });
  });

  test("40 callers store conversations, each in a transaction: none that was acknowledged is lost", async () => {
    const stored = await Promise.all(
      Array.from({ length: 40 }, (_, caller) => create(caller % 2 === 0 ? one : other, { turns: [says("kept")] })),
    );
    for (const id of stored) expect(await readTurns(one, id)).toHaveLength(1);
  });

  test("what is written on one server is heard by those who watch on the other", async () => {
    const conversationId = await create(one);
    const watching = await watch(other, { conversationId });
    const startedAt = performance.now();
    await append(one, { conversationId, turn: says("heard") });
    const [turn] = await watching.take(1);
    expect(turn.messages[0].content).toBe("heard");
    // Sooner than a watcher reads without a notification.
    expect(performance.now() - startedAt).toBeLessThan(5000);
    watching.leave();
  });

  test("the commands go through it too: an export gives back what was written", async () => {
    const id = await create(one, { turns: [says("kept")] });
    const { status, stdout, stderr } = await runProgram(["export"], env);
    expect(status, stderr).toBe(0);
    const records = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(records.find((record) => record.id === id)?.turns).toHaveLength((await readTurns(one, id)).length);
  });

  test("away and back: 503 meanwhile, then as before", async () => {
    const list = () => call(`${one.origin}/openai/v1/conversations`);
    await pooler.stop();
    expect((await list()).status).toBe(503);
    pooler = await startPgBouncer(bouncer ?? "", database.url, new URL(pooler.url).port);
    await vi.waitUntil(async () => (await list()).status === 200, { timeout: 10_000 });
  });
});
