import { setTimeout as delay } from "node:timers/promises";

import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

import { type RunningServer, startServer } from "../harness/program.ts";
import { call, tell } from "./callers.ts";
import { type FailoverLoad, longestPause, startFailoverLoad } from "./failover-load.ts";
import { failoverPrograms } from "./installed.ts";
import { type PatroniCluster, startPatroniCluster } from "./patroni.ts";
import { isPrimary, type Member } from "./patroni-member.ts";

const programs = failoverPrograms();
const name = "failover with Patroni";

/** Two servers that find the primary and the replicas in the same way, and the traffic on them. */
interface Way {
  name: string;
  origins: [string, string];
  load: FailoverLoad;
}

// Most of it is Patroni's, which looks at PostgreSQL once a second.
const LONGEST_OUTAGE_MS = 5000;
const LONGEST_AFTER_PROMOTION_MS = 3000;
// For so long Patroni's settings keep the part of a primary that is gone.
const TTL_MS = 20_000;
const BETWEEN_FAULTS_MS = 1000;

describe.skipIf(programs === null)(
  programs === null ? `${name} (skipped: this machine has no patroni, haproxy, etcd or PostgreSQL for it)` : name,
  () => {
    let cluster: PatroniCluster;
    const servers: RunningServer[] = [];
    const ways: Way[] = [];

    beforeAll(async () => {
      if (programs === null) return;
      cluster = await startPatroniCluster(programs);
      const hosts = cluster.members.map(({ url }) => new URL(url).host).join();
      const replicas = cluster.members.map(({ url }) => url).join();
      await serve("HAProxy", cluster.primaryUrl, cluster.replicaUrl);
      await serve("three hosts", `postgres://postgres@${hosts}/postgres`, replicas);
    }, 150_000);
    afterAll(async () => {
      for (const server of servers) await server.stop("SIGKILL");
      await cluster?.remove();
    });

    async function serve(way: string, url: string, replicas: string): Promise<void> {
      const env = { DATABASE_URL: url, DATABASE_REPLICA_URLS: replicas, LOG_LEVEL: "fatal" };
      const [one, other] = [await startServer(env), await startServer(env)];
      servers.push(one, other);
      const origins: Way["origins"] = [new URL(one.url).origin, new URL(other.url).origin];
      ways.push({ name: way, origins, load: await startFailoverLoad(origins) });
    }

    /** Waits until each server reads all replicas again, and writes go on. */
    async function untilReplicasAreRead(): Promise<void> {
      for (const { origins, load } of ways) {
        for (const origin of origins) {
          const isRead = async () => {
            const { replicas } = JSON.parse((await call(`${origin}/health/ready`)).body);
            return (
              replicas.filter(({ state }: { state: string }) => state === "ok").length >= Math.min(2, replicas.length)
            );
          };
          await vi.waitUntil(isRead, { timeout: 20_000, interval: 100 });
        }
        load.check();
      }
    }

    test.each<[string, number, (primary: Member) => unknown]>([
      ["a switchover", LONGEST_OUTAGE_MS, (primary) => primary.switchOver()],
      ["the primary's PostgreSQL killed", LONGEST_OUTAGE_MS, (primary) => primary.kill("postgres")],
      ["the primary's machine lost", TTL_MS + LONGEST_OUTAGE_MS, (primary) => primary.kill("machine")],
    ])(
      "%s: writes go on, and the replicas are read again",
      async (fault, longestMs, begin) => {
        const primary = await cluster.settle();
        await untilReplicasAreRead();
        await delay(BETWEEN_FAULTS_MS);
        const at = performance.now();
        const begun = begin(primary);
        const promotedAt = await untilPromoted(cluster, primary);
        await begun;
        await delay(LONGEST_AFTER_PROMOTION_MS);
        for (const { name: way, load } of ways) {
          load.check();
          const { ms, endedAt } = longestPause(load, at);
          tell(
            `${fault}, ${way}: a new primary after ${Math.round(promotedAt - at)} ms, no write acknowledged for ` +
              `${Math.round(ms)} ms, until ${Math.round(endedAt - promotedAt)} ms after the promotion`,
          );
          expect(ms).toBeLessThan(longestMs);
          expect(endedAt - promotedAt).toBeLessThan(LONGEST_AFTER_PROMOTION_MS);
        }
        if (primary.isLost()) await primary.start();
        await cluster.settle();
        await untilReplicasAreRead();
      },
      90_000,
    );

    test("all that was acknowledged is there once, on each member; the watchers had it in order", async () => {
      for (const { load } of ways) await load.finish();
      await cluster.settle();
      const acknowledged = ways.flatMap(({ load }) => load.acknowledged);
      const expected = acknowledged.map((one) => `${one.conversationId} ${one.position} ${one.content}`).sort();
      for (const { url } of cluster.members)
        await vi.waitUntil(async () => (await readAll(url)).length >= expected.length, { timeout: 20_000 });
      for (const { url } of cluster.members) expect(await readAll(url)).toEqual(expected);
      for (const { name: way, load } of ways) {
        const { writes, reads } = load.refused();
        const { watchers, streams } = load.watched();
        tell(
          `${way}: ${load.acknowledged.length} acknowledged, 0 lost, 0 twice; 503: ${writes} writes, ${reads} reads; ` +
            `${watchers} watchers, ${streams} streams`,
        );
      }
    }, 60_000);
  },
);

async function untilPromoted({ members }: PatroniCluster, former: Member): Promise<number> {
  const others = members.filter((member) => member !== former);
  const isPromoted = async () => {
    const states = await Promise.all(others.map((member) => member.state()));
    return states.some(isPrimary);
  };
  await vi.waitUntil(isPromoted, { timeout: 40_000, interval: 20 });
  return performance.now();
}

/** Conversation, position and text of each turn that the member has. */
async function readAll(url: string): Promise<string[]> {
  const admin = postgres(url, { max: 1 });
  const turns = await admin`
    SELECT concat_ws(' ', conversation_id, position, messages -> 0 ->> 'content') AS turn FROM turns`;
  await admin.end();
  return turns.map(({ turn }) => turn).sort();
}
