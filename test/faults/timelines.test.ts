import postgres from "postgres";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { ask } from "../harness/graphql.ts";
import { type RunningServer, startServer } from "../harness/program.ts";
import { create } from "../harness/writes.ts";
import { call } from "./callers.ts";
import { postgresPrograms } from "./installed.ts";
import { type PostgresServer, startPrimary, startReplica } from "./postgres-server.ts";

const programs = postgresPrograms();
const name = programs === null ? "timelines (skipped: this machine has no pg_basebackup)" : "timelines";

const LIST = "{ conversations(first: 100) { nodes { id } } }";

interface Server {
  origin: string;
}

describe.skipIf(programs === null)(name, () => {
  let primary: PostgresServer;
  let replica: PostgresServer;
  let servers: RunningServer[];

  beforeEach(async () => {
    primary = await startPrimary(programs ?? "");
    await run(primary, "CREATE ROLE app LOGIN", "ALTER DATABASE postgres OWNER TO app");
    replica = await startReplica(programs ?? "", primary);
    servers = [];
  });
  afterEach(async () => {
    for (const server of servers) await server.stop("SIGTERM");
    await Promise.all([primary.remove(), replica.remove()]);
  });

  /** Servers of an account that PostgreSQL shows every detail to, and of one that owns the database and no more. */
  async function serve(given: Record<string, string>): Promise<Server[]> {
    for (const account of ["app", "postgres"]) {
      const asAccount = ([variable, urls]: [string, string]) => [variable, urls.replaceAll("postgres@", `${account}@`)];
      servers.push(await startServer(Object.fromEntries(Object.entries(given).map(asAccount))));
    }
    return servers.map(({ url }) => ({ origin: new URL(url).origin }));
  }

  test("a replica that was promoted, went its own way and waits for the log again is not read", async () => {
    const both = await serve({ DATABASE_URL: primary.url, DATABASE_REPLICA_URLS: replica.url });
    for (const server of both) await untilReplicasAre(server, [["ok", undefined]]);
    await replica.promote();
    for (const server of both) await untilReplicasAre(server, [["not a replica", undefined]]);
    // So that it has replayed more than the primary has ever written.
    await run(replica, "CREATE TABLE more AS SELECT n FROM generate_series(1, 100000) AS n");
    await replica.stop("fast");
    await replica.follow(primary);
    await replica.start();
    for (const server of both) {
      await untilReplicasAre(server, [["unavailable", "another timeline"]]);
      await expectOwnWritesShown(server);
    }
  });

  const bothHosts = () => {
    const hosts = [primary, replica].map(({ url }) => new URL(url).host).join();
    return `postgres://postgres@${hosts}/postgres`;
  };

  test("after a switchover the replica of the new primary is read, without a restart", async () => {
    const replicas = `${primary.url},${replica.url}`;
    const both = await serve({ DATABASE_URL: bothHosts(), DATABASE_REPLICA_URLS: replicas });
    for (const server of both) await untilReplicasAre(server, [["not a replica"], ["ok"]]);
    await primary.stop("fast");
    await replica.promote();
    await primary.follow(replica);
    await primary.start();
    // An account that may not see everything sees the timeline with the next checkpoint.
    await run(replica, "CHECKPOINT");
    await vi.waitUntil(async () => (await timelineOf(primary)) === 2, { timeout: 20_000 });
    for (const server of both) {
      await untilReplicasAre(server, [["ok"], ["not a replica"]]);
      await expectOwnWritesShown(server);
    }
  });

  test("a replica that stayed with the primary that was left is not read", async () => {
    const left = await startReplica(programs ?? "", primary);
    try {
      await replica.promote();
      await run(primary, "CREATE TABLE more AS SELECT n FROM generate_series(1, 100000) AS n");
      const both = await serve({ DATABASE_URL: bothHosts(), DATABASE_REPLICA_URLS: left.url });
      for (const server of both) {
        await untilReplicasAre(server, [["unavailable", "another timeline"]]);
        await expectOwnWritesShown(server);
      }
    } finally {
      await left.remove();
    }
  });
});

async function run(server: PostgresServer, ...statements: string[]): Promise<void> {
  const admin = postgres(server.url, { max: 1, onnotice: () => {} });
  for (const statement of statements) await admin.unsafe(statement);
  await admin.end();
}

/** The timeline as of the server's last checkpoint, for which it is asked now. */
async function timelineOf(server: PostgresServer): Promise<number> {
  const admin = postgres(server.url, { max: 1 });
  await admin`CHECKPOINT`;
  const [row] = await admin`SELECT timeline_id FROM pg_control_checkpoint()`;
  await admin.end();
  return row?.timeline_id;
}

async function expectOwnWritesShown(server: Server): Promise<void> {
  for (let round = 0; round < 20; round += 1) {
    const id = await create(server);
    expect(await listIds(server)).toContain(id);
  }
}

async function listIds(server: Server): Promise<string[]> {
  const { conversations } = await ask(server, LIST);
  return conversations.nodes.map(({ id }: { id: string }) => id);
}

/** Waits until the server reports these states of the replicas, with the reason where one is given. */
async function untilReplicasAre(server: Server, expected: (string | undefined)[][]): Promise<void> {
  const states = async () => {
    const { body } = await call(`${server.origin}/health/ready`);
    const replicas: { state: string; reason?: string }[] = JSON.parse(body).replicas;
    return replicas.map(({ state, reason }, index) => (expected[index]?.length === 2 ? [state, reason] : [state]));
  };
  const isExpected = async () => JSON.stringify(await states()) === JSON.stringify(expected);
  await vi.waitUntil(isExpected, { timeout: 20_000 }).catch(async () => expect(await states()).toEqual(expected));
}
