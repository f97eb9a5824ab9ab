import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";

import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";

import { append, create, says } from "../harness/writes.ts";
import { document, quantile, tell } from "./callers.ts";
import { waitedForProcessor } from "./process-state.ts";
import { type Stage, setStage } from "./stage.ts";
import type { Heard } from "./subscriber-process.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage.close());

const WATCHERS = 1000;
const ROUNDS = 10;
// Sooner, changes of one conversation would be told together.
const PAUSE_MS = 300;

const WATCH = `subscription { conversationChanged {
  cursor left deletedConversationId
  conversationEdge { cursor node { id updatedAt metadata agent { agentId } } }
  turnEdge { node { position } }
} }`;

test("1,000 watchers of a list hear of a turn within 250 ms", async () => {
  const { origin, pid } = await stage.serve();
  const conversationId = await create({ origin });
  const watchers = fork(new URL("subscriber-process.ts", import.meta.url));
  onTestFinished(() => {
    watchers.kill();
  });
  watchers.send({ origin, body: String(document(WATCH, {}).body), count: WATCHERS, reading: true });
  expect(await once(watchers, "message")).toContain("subscribed");

  const processes = [process.pid, pid, watchers.pid ?? 0];
  const waited = () => processes.map(waitedForProcessor).reduce((sum, ms) => sum + ms);
  const slowest: number[] = [];
  const own: number[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    await delay(PAUSE_MS);
    const heard = once(watchers, "message", { signal: AbortSignal.timeout(20_000) });
    const before = waited();
    const sentAt = Date.now();
    await append({ origin }, { conversationId, turn: says("x") });
    const [all]: Heard[] = await heard;
    expect(all).toMatchObject({ position: round, at: { length: WATCHERS } });
    const ms = Math.max(...(all?.at ?? [])) - sentAt;
    slowest.push(ms);
    own.push(ms - (waited() - before));
  }
  tell(
    `${WATCHERS} watchers of a list heard of ${ROUNDS} turns, all within ${slowest.join(", ")} ms ` +
      `(${own.map(Math.round).join(", ")} ms without what other processes took)`,
  );
  // Of a round in which a full collection falls, only that it ends soon.
  expect(quantile(own, 0.5)).toBeLessThan(250);
  for (const ms of own) expect(ms).toBeLessThan(1000);
}, 120_000);
