import type { Worker } from "node:cluster";
import { once } from "node:events";

import type { MetricsSnapshot } from "../../server/telemetry/metrics.ts";
import { connect } from "../../store/database/client.ts";
import { answerRequests } from "../answer-requests.ts";
import { toConnectOptions } from "../open-database.ts";
import { reasonOf } from "../reason.ts";
import type { ServeContext } from "../serve-until-stopped.ts";
import { createBroadcasts } from "./broadcasts.ts";
import { createPeer, type Peer } from "./peer.ts";
import type { AskedOfPrimary, AskedOfWorker } from "./topics.ts";

/**
 * Answers requests in this process, a worker, until the signal is aborted. What keeps it from that, the process that started it
 * prints. Node's cluster module ends the process as soon as that one is gone.
 */
export async function serveAsWorker(
  { config, log, signal }: Omit<ServeContext, "out">,
  worker: Worker,
): Promise<number> {
  let snapshot = async (): Promise<MetricsSnapshot> => [];
  const broadcasts = createBroadcasts((news) => primary.ask("spread", news));
  const primary: Peer<AskedOfPrimary> = createPeer<AskedOfWorker, AskedOfPrimary>(worker, {
    metrics: () => snapshot(),
    async take(news) {
      broadcasts.take(news);
      return null;
    },
  });
  const { databaseUrl, distributed, poolSize, userHashKey } = await primary.ask("join", null);
  const ownConfig = { ...config, poolSize };
  // Without a look at it: a worker is started again while the database is away, too.
  const database = connect(databaseUrl, { ...toConnectOptions(ownConfig), distributed });
  try {
    const server = await answerRequests(ownConfig, database, log, {
      userHashKey,
      sumMetrics: () => primary.ask("metrics", null),
      showMetrics(show) {
        snapshot = show;
      },
      sentDocuments: broadcasts.create("sent documents"),
      writtenPositions: broadcasts.create("written positions"),
    });
    await primary.ask("listening", server.url);
    if (!signal.aborted) await once(signal, "abort");
    await server.close();
    return 0;
  } catch (error) {
    await primary.ask("failed", reasonOf(error));
    return 1;
  } finally {
    await database.close();
  }
}
