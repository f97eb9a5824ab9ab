import { readFileSync } from "node:fs";

import { afterAll, beforeAll, expect, test } from "vitest";

import { readMetrics } from "../harness/metrics.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { append, create } from "../harness/writes.ts";

const MONITORING = new URL("../../.docker/monitoring/", import.meta.url);
const WAIT = { timeout: 20_000, interval: 100 };

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ METRICS: "1" });
});
afterAll(() => server.close());

/** The metric, once the look that this collection begins, or the one before, has found it. */
const once = (name: string) =>
  expect.poll(async () => (await readMetrics(server.origin)).get(`conversation_graph_${name}`), WAIT);

test("what is stored is told: the turns in progress, the oldest of them, and the last append of any server", async () => {
  const before = Date.now() / 1000 - 1;
  const conversationId = await create(server);
  await append(server, { conversationId, turn: { role: "ASSISTANT", state: "IN_PROGRESS", messages: [] } });
  await once("turns_in_progress").toBe(1);
  for (const name of ["oldest_turn_in_progress_timestamp_seconds", "last_append_timestamp_seconds"]) {
    await once(name).toBeGreaterThan(before);
  }
  await once("turns").toBe(1);
  await once("conversations").toBe(1);
});

test("what waits and what was refused is told by its reason", async () => {
  const samples = await readMetrics(server.origin);
  for (const reason of ["connection", "keys"]) {
    expect(samples.get(`conversation_graph_waiting{reason="${reason}"}`)).toBe(0);
    expect(samples.get(`conversation_graph_refused_total{reason="${reason}"}`)).toBe(0);
  }
  expect(samples.get('conversation_graph_refused_total{reason="subscription"}')).toBe(0);
});

test.each(["alerts.yml", "grafana-dashboard.json"])("%s asks for metrics that there are", async (file) => {
  const exposed = await (await fetch(`${server.origin}/metrics`)).text();
  const names = new Set([...exposed.matchAll(/^# TYPE (\S+)/gm)].map(([, name = ""]) => name));
  const text = readFileSync(new URL(file, MONITORING), "utf8");
  const asked = [...text.matchAll(/(?:conversation_graph|process|nodejs)_[a-z0-9_]+/g)].map(([name]) => name);
  expect(asked.length).toBeGreaterThan(5);
  expect(asked.filter((name) => !names.has(name.replace(/_(bucket|sum|count)$/, "")))).toEqual([]);
});
