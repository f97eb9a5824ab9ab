import { randomBytes } from "node:crypto";

import type { SentDocument } from "../graphql/pipeline/persisted-documents.ts";
import type { Broadcast } from "../model/broadcast.ts";
import type { WrittenPosition } from "../store/replicas/written-positions.ts";
import type { MetricsSnapshot } from "./telemetry/metrics.ts";

/** What the workers of a server, of which this process is one, have in common. */
export interface Workers {
  /** See `newUserHashKey`. */
  userHashKey: string;
  /** The metrics of all workers, in Prometheus' text format. */
  sumMetrics(): Promise<string>;
  /** Has the metrics of this process taken from here. */
  showMetrics(snapshot: () => Promise<MetricsSnapshot>): void;
  /** The documents that callers persist. */
  sentDocuments: Broadcast<SentDocument>;
  /** How far the log goes that callers have to see, where there are replicas. */
  writtenPositions: Broadcast<WrittenPosition>;
}

/** A key of the hashes that stand for users in the log of one server: see `createRequestLog`. */
export function newUserHashKey(): string {
  return randomBytes(32).toString("hex");
}
