import { setTimeout as delay } from "node:timers/promises";

import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";

import { type Watch, watch } from "../harness/watch.ts";
import { append, create, says } from "../harness/writes.ts";
import { startRelay } from "./relay.ts";
import { type Stage, setStage } from "./stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage.close());

// A watcher that hears nothing looks for itself after ten.
const HEARD_WITHIN_MS = 5000;

/** Appends on one server a turn that a subscriber on another one must receive. */
async function expectHeard(origin: string, conversationId: string, watching: Watch): Promise<void> {
  const startedAt = performance.now();
  await append({ origin }, { conversationId, turn: says("heard") });
  await watching.take(1);
  expect(performance.now() - startedAt).toBeLessThan(HEARD_WITHIN_MS);
}

async function startWatching(env: Record<string, string>) {
  const one = await stage.serve();
  const other = await stage.serve(env);
  const conversationId = await create(one);
  const watching = await watch(other, { conversationId });
  onTestFinished(() => watching.leave());
  return () => expectHeard(one.origin, conversationId, watching);
}

test("listening that was refused for a time is tried again: what another server wrote is heard at once", async () => {
  await stage.admin`CREATE ROLE ear LOGIN`;
  const url = Object.assign(new URL(stage.cluster.url), { username: "ear" });
  const expectNextHeard = await startWatching({ DATABASE_LISTEN_URL: url.href });
  const ears = () => stage.admin`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'ear'`;
  await expectNextHeard();

  await stage.admin`ALTER ROLE ear NOLOGIN`;
  expect(await ears()).toHaveLength(1);
  await delay(1000);
  expect(await ears()).toHaveLength(0);
  await stage.admin`ALTER ROLE ear LOGIN`;
  const isBack = async () =>
    (await stage.admin`SELECT FROM pg_stat_activity WHERE usename = 'ear' AND query ILIKE '%listen%'`).length > 0;
  await vi.waitUntil(isBack, { timeout: HEARD_WITHIN_MS });
  await expectNextHeard();
});

test("a connection that leads nowhere is noticed, and another one listens", async () => {
  const relay = await startRelay(stage.cluster.url);
  onTestFinished(() => relay.close());
  const expectNextHeard = await startWatching({ DATABASE_LISTEN_URL: relay.url });
  await expectNextHeard();
  const connections = relay.count();
  relay.freeze();
  await vi.waitUntil(() => relay.count() > connections, { timeout: 10_000 });
  await expectNextHeard();
});
