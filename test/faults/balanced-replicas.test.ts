import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

import { ask } from "../harness/graphql.ts";
import { type RunningServer, startServer } from "../harness/program.ts";
import { create } from "../harness/writes.ts";
import { call } from "./callers.ts";
import { postgresPrograms } from "./installed.ts";
import { type ReplicatedDatabase, startReplicated } from "./lagging-replica.ts";
import { type PostgresServer, startReplica } from "./postgres-server.ts";
import { type Relay, startRelay } from "./relay.ts";

const programs = postgresPrograms();
const name = "replicas behind a balancer";

const LIST = "{ conversations(first: 100) { nodes { id } } }";

describe.skipIf(programs === null)(
  programs === null ? `${name} (skipped: this machine has no pg_basebackup)` : name,
  () => {
    let database: ReplicatedDatabase;
    let current: PostgresServer;
    let relay: Relay;
    let server: RunningServer;
    let origin = "";

    beforeAll(async () => {
      database = await startReplicated(programs ?? "");
      // A copy ends with a checkpoint, which may remove what the first replica has not yet received.
      await database.catchUp();
      current = await startReplica(programs ?? "", database.primary);
      relay = await startRelay(current.url);
      server = await startServer({ DATABASE_URL: database.primary.url, DATABASE_REPLICA_URLS: relay.url });
      origin = new URL(server.url).origin;
    }, 60_000);
    afterAll(async () => {
      await server.stop("SIGTERM");
      relay.close();
      await current.remove();
      await database.remove();
    });

    const untilReplicaIsOk = () =>
      vi.waitUntil(async () => JSON.parse((await call(`${origin}/health/ready`)).body).replicas[0].state === "ok", {
        timeout: 20_000,
      });
    const listIds = async () => {
      const { conversations } = await ask({ origin }, LIST);
      return conversations.nodes.map(({ id }: { id: string }) => id);
    };

    test("one that is behind is not read where the balancer leads reads to it, and to another what asks for its state", async () => {
      await create({ origin });
      await database.fallBehind();
      // The connection that asks is open, and those that read are not yet.
      await untilReplicaIsOk();
      relay.pointTo(database.replica.url);
      for (let round = 0; round < 20; round += 1) {
        const id = await create({ origin });
        for (let read = 0; read < 5; read += 1) expect(await listIds()).toContain(id);
      }

      relay.pointTo(current.url);
      await vi.waitUntil(async () => (await listIds()) && (await countSessions(current)) > 1, { timeout: 20_000 });
      expect(await countSessions(database.replica)).toBe(0);
    });
  },
);

/** How many connections servers have to it. */
async function countSessions({ url }: PostgresServer): Promise<number> {
  const admin = postgres(url, { max: 1 });
  const sessions = await admin`SELECT FROM pg_stat_activity WHERE application_name = 'conversation-graph'`;
  await admin.end();
  return sessions.length;
}
