import type { Worker } from "node:cluster";
import { setTimeout as delay } from "node:timers/promises";

import type { Peer } from "./peer.ts";
import type { AskedOfWorker } from "./topics.ts";

/** A worker that is busy for longer counts as it did when it was asked before. */
const ANSWER_MS = 1000;

/** The metrics of all workers. */
export interface MetricsOfAll {
  /** Their sum in Prometheus' text format, within a second. */
  read(): Promise<string>;
  /** The worker has ended. */
  end(worker: Worker): void;
}

/** The metrics of the workers that are in this map whenever they are read. */
export async function openMetricsOfAll(workers: ReadonlyMap<Worker, Peer<AskedOfWorker>>): Promise<MetricsOfAll> {
  // Imported only when it is wanted: loading prom-client takes as long as a small command.
  const { createMetricsSum } = await import("../../server/telemetry/metrics-sum.ts");
  const sum = createMetricsSum();
  const ask = async (worker: Worker, peer: Peer<AskedOfWorker>) => {
    const answer = peer.ask("metrics", null).catch(() => null);
    const snapshot = await Promise.race([answer, delay(ANSWER_MS, null, { ref: false })]);
    if (snapshot !== null && workers.has(worker)) sum.note(worker.id, snapshot);
  };
  return {
    async read() {
      await Promise.all(Array.from(workers, ([worker, peer]) => ask(worker, peer)));
      return sum.text();
    },
    end: (worker) => sum.end(worker.id),
  };
}
