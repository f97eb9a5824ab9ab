import cluster from "node:cluster";

import { sharePool } from "../../config.ts";
import { newUserHashKey } from "../../server/workers.ts";
import { type ServeContext, serveUntilStopped } from "../serve-until-stopped.ts";
import { startWorkers } from "./start-workers.ts";
import { serveAsWorker } from "./worker.ts";

/**
 * Serves with that many workers, all on the port of the settings. This process has the database, its migrations and the regular
 * work, and answers no request; started again by itself, it is one of the workers. Resolves to the exit status.
 */
export function serveByWorkers({ config, log, signal, out }: ServeContext, count: number): Promise<number> {
  // All of them write to one log.
  const ownLog = log.child({ pid: process.pid });
  if (cluster.worker !== undefined) return serveAsWorker({ config, log: ownLog, signal }, cluster.worker);
  const shares = sharePool(config.poolSize, count);
  const context = { config: { ...config, poolSize: shares.primary }, log: ownLog, signal, out };
  const userHashKey = newUserHashKey();
  return serveUntilStopped(context, ({ url: databaseUrl, distributed }) => {
    const joined = { databaseUrl, distributed, poolSize: shares.worker, userHashKey };
    return startWorkers({ count, joined, hasMetrics: config.metrics, log: ownLog, signal });
  });
}
