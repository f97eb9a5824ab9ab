import { randomBytes } from "node:crypto";

import type { MetricsSnapshot } from "./telemetry/metrics.ts";

/** What the workers of a server, of which this process is one, have in common. */
export interface Workers {
  /** See `newUserHashKey`. */
  userHashKey: string;
  /** The metrics of all workers, in Prometheus' text format. */
  sumMetrics(): Promise<string>;
  /** Has the metrics of this process taken from here. */
  showMetrics(snapshot: () => Promise<MetricsSnapshot>): void;
}

/** A key of the hashes that stand for users in the log of one server: see `createRequestLog`. */
export function newUserHashKey(): string {
  return randomBytes(32).toString("hex");
}
