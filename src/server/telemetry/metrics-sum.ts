import { AggregatorRegistry } from "prom-client";

import type { MetricsSnapshot } from "./metrics.ts";

/** The metrics of several processes together, as prom-client adds them up. */
export interface MetricsSum {
  /** Takes down what the process with this number counts now. */
  note(process: number, snapshot: MetricsSnapshot): void;
  /** The process has ended. What it counted until it was last noted stays in the sum. */
  end(process: number): void;
  /** The sum in Prometheus' text format. A process that was not noted lately counts as it was last noted. */
  text(): Promise<string>;
}

/** A sum of no process yet. No counter in it ever falls, which Prometheus would take for a restart of all of them. */
export function createMetricsSum(): MetricsSum {
  const latest = new Map<number, MetricsSnapshot>();
  let ended: Promise<MetricsSnapshot> = Promise.resolve([]);
  return {
    note: (process, snapshot) => latest.set(process, snapshot),
    end(process) {
      // prom-client's types have a number here; it is a text.
      const counted = (latest.get(process) ?? []).filter(({ type }) => String(type) !== "gauge");
      latest.delete(process);
      ended = ended.then((before) => AggregatorRegistry.aggregate([before, counted]).getMetricsAsJSON());
    },
    text: async () => AggregatorRegistry.aggregate([...latest.values(), await ended]).metrics(),
  };
}
