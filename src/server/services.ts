import type { Config } from "../config.ts";
import type { Database } from "../store/database/client.ts";
import type { Replicas } from "../store/replicas/replicas.ts";
import type { AccessControl } from "./access.ts";
import type { Graph } from "./graph.ts";
import type { Metrics } from "./telemetry/metrics.ts";

/** What the routes answer with. */
export interface Services {
  config: Config;
  database: Database;
  /** Where queries may read instead; null for none. */
  replicas: Replicas | null;
  access: AccessControl;
  graph: Graph;
  /** Null where they are switched off. */
  metrics: Metrics | null;
}
