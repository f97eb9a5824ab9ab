import type { Worker } from "node:cluster";

import { askAll, type ListeningWorkers } from "./ask-all.ts";

/** The metrics of all workers. */
export interface MetricsOfAll {
  /** Their sum in Prometheus' text format. A worker that is too busy to answer counts as it did when it was asked before. */
  read(): Promise<string>;
  /** The worker has ended. */
  end(worker: Worker): void;
}

/** The metrics of the workers that are in this map whenever they are read. */
export async function openMetricsOfAll(workers: ListeningWorkers): Promise<MetricsOfAll> {
  // Imported only when it is wanted: loading prom-client takes as long as a small command.
  const { createMetricsSum } = await import("../../server/telemetry/metrics-sum.ts");
  const sum = createMetricsSum();
  return {
    async read() {
      for (const [worker, snapshot] of await askAll(workers, "metrics", null)) {
        if (snapshot !== null && workers.has(worker)) sum.note(worker.id, snapshot);
      }
      return sum.text();
    },
    end: (worker) => sum.end(worker.id),
  };
}
