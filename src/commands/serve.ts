import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";

import { type Config, takesTokens } from "../config.ts";
import { isLoopback } from "../http/loopback.ts";
import { readInitialKey } from "../initial-key.ts";
import type { Logger } from "../log.ts";
import { callOf } from "../model/call-of.ts";
import { noSpaceLeft } from "../model/errors.ts";
import type { RunningServer } from "../server/server.ts";
import type { TraceExport } from "../server/telemetry/trace-export.ts";
import type { Database } from "../store/database/client.ts";
import { isDistributed } from "../store/distributed/is-distributed.ts";
import { adoptFirstKey, listKeys } from "../store/keys/keys.ts";
import { openReplicas, type Replicas } from "../store/replicas/replicas.ts";
import { isMigrated, migrate } from "../store/schema/migrate.ts";
import { setTracer } from "../tracing.ts";
import { defineCommand } from "./command.ts";
import { forgetDeletedRegularly } from "./forget-deleted.ts";
import { explainListenError } from "./listen-error.ts";
import { type OpenDatabase, openDatabase, toConnectOptions } from "./open-database.ts";
import { renewWordsRegularly } from "./renew-words.ts";
import { deleteIdleRegularly } from "./retention.ts";
import { loadSamples } from "./samples.ts";
import { endStaleTurnsRegularly } from "./stale-turns.ts";

/** Milliseconds until running requests are cut off, which keeps the whole stop within ten seconds. */
const DRAIN_MS = 8000;

export const serveCommand = defineCommand({
  name: "serve",
  summary: "Starts the server (what `npm start` does).",
  details: "SIGTERM and SIGINT stop it: running requests end first. A second signal, a second later, cuts them off.",
  options: {},
  positionals: [],
  async run({ config, log, signal, out }) {
    const opened = await openDatabase(config);
    let replicas: Replicas | null = null;
    let traces: TraceExport | null = null;
    let stopRegular = async () => {};
    try {
      traces = await openTraces(config, log);
      replicas = await openReplicasOf(config, opened.database);
      const { dataDir } = opened;
      if (dataDir !== null) log.info({ dataDir }, "embedded database");
      opened.onDeviceFull(() => log.error({ dataDir }, noSpaceLeft(`at ${dataDir}`)));
      await prepare(config, opened).catch(async (error) => {
        throw await opened.explain(error, "Start it again.");
      });
      if (signal.aborted) return 0;
      // Imported only when it is wanted: each other command would load GraphQL, which takes as long as the command itself.
      const { startServer } = await import("../server/server.ts");
      const server = await startServer({ config, database: opened.database, replicas, log }).catch((cause) => {
        throw explainListenError(cause, config);
      });
      out(`listening on ${server.url}`);
      const stops = [
        endStaleTurnsRegularly(opened.database, config.staleTurnMinutes, log),
        deleteIdleRegularly(opened.database, config.retentionDays, log),
        forgetDeletedRegularly(opened.database, log),
        renewWordsRegularly(opened.database, log),
      ];
      stopRegular = async () => {
        await Promise.all(stops.map((stop) => stop()));
      };
      if (!signal.aborted) await once(signal, "abort");
      await drain(server);
      return 0;
    } finally {
      await stopRegular();
      await Promise.all([replicas?.close(), opened.close(), traces?.close()]);
    }
  },
});

// Loaded on demand: OpenTelemetry is large.
async function openTraces(config: Config, log: Logger): Promise<TraceExport | null> {
  if (config.otelExporterOtlpEndpoint === undefined) return null;
  const { openTraceExport } = await import("../server/telemetry/trace-export.ts");
  const traces = openTraceExport(config, log);
  setTracer(traces.tracer);
  return traces;
}

async function openReplicasOf(config: Config, primary: Database): Promise<Replicas | null> {
  const { databaseReplicaUrls: urls, databaseReplicaMaxLagMs: maxLagMs } = config;
  return urls.length === 0 ? null : openReplicas(primary, urls, toConnectOptions(config), maxLagMs);
}

async function prepare(config: Config, { database, dataDir }: OpenDatabase): Promise<void> {
  if (config.databaseReplicaUrls.length > 0 && (await isDistributed(database))) {
    throw new Error("DATABASE_REPLICA_URLS is set, and the tables are distributed: unset it, as no replica has them.");
  }
  if (config.migrate) await migrate(database);
  const isReady = await isMigrated(database);
  if (isReady && config.initialKeyFile !== undefined) {
    await adoptFirstKey(database, readInitialKey(config.initialKeyFile), "default");
  }
  if (!isLoopback(config.host) && !takesTokens(config) && !(isReady && (await listKeys(database)).length > 0)) {
    throw new Error(
      `HOST ${config.host} can be reached by others, and without a key anyone may read and write everything.` +
        ` Create one with \`${callOf("keys")} create\`, or use 127.0.0.1.`,
    );
  }
  if (dataDir === null || !config.sampleData || !isReady) return;
  await loadSamples(database);
}

async function drain(server: RunningServer): Promise<void> {
  await Promise.race([server.close(), delay(DRAIN_MS, undefined, { ref: false })]);
}
