import { setTimeout as delay } from "node:timers/promises";

import type { Config } from "../config.ts";
import type { Logger } from "../log.ts";
import type { RunningServer } from "../server/server.ts";
import type { TraceExport } from "../server/telemetry/trace-export.ts";
import type { Workers } from "../server/workers.ts";
import type { Database } from "../store/database/client.ts";
import { openReplicas, type Replicas } from "../store/replicas/replicas.ts";
import { setTracer } from "../tracing.ts";
import { explainListenError } from "./listen-error.ts";
import { toConnectOptions } from "./open-database.ts";

/** Milliseconds until running requests are cut off, which keeps the whole stop within ten seconds. */
const DRAIN_MS = 8000;

/**
 * Answers requests on the settings' address, in this process, until it is closed: running requests end first. Rejects with an
 * Error that says what to change. `workers` are the others, where the server has several processes.
 */
export async function answerRequests(
  config: Config,
  database: Database,
  log: Logger,
  workers: Workers | null = null,
): Promise<RunningServer> {
  let replicas: Replicas | null = null;
  let traces: TraceExport | null = null;
  const closeRest = () => Promise.all([replicas?.close(), traces?.close()]);
  try {
    traces = await openTraces(config, log);
    replicas = await openReplicasOf(config, database, workers);
    // Imported only when it is wanted: each other command would load GraphQL, which takes as long as the command itself.
    const { startServer } = await import("../server/server.ts");
    const server = await startServer({ config, database, replicas, log, workers }).catch((cause) => {
      throw explainListenError(cause, config);
    });
    return {
      url: server.url,
      async close() {
        await Promise.race([server.close(), delay(DRAIN_MS, undefined, { ref: false })]);
        await closeRest();
      },
    };
  } catch (error) {
    await closeRest();
    throw error;
  }
}

// Loaded on demand: OpenTelemetry is large.
async function openTraces(config: Config, log: Logger): Promise<TraceExport | null> {
  if (config.otelExporterOtlpEndpoint === undefined) return null;
  const { openTraceExport } = await import("../server/telemetry/trace-export.ts");
  const traces = openTraceExport(config, log);
  setTracer(traces.tracer);
  return traces;
}

async function openReplicasOf(config: Config, primary: Database, workers: Workers | null): Promise<Replicas | null> {
  const { databaseReplicaUrls: urls, databaseReplicaMaxLagMs: maxLagMs } = config;
  if (urls.length === 0) return null;
  return openReplicas(primary, urls, toConnectOptions(config), maxLagMs, workers?.writtenPositions);
}
