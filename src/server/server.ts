import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

import { type Config, takesTokens } from "../config.ts";
import { createAllowOrigin } from "../http/cors.ts";
import { createDrain } from "../http/drain.ts";
import { isLoopback } from "../http/loopback.ts";
import { createPipelining, type ParseError } from "../http/pipelining.ts";
import { dropSlowReaders } from "../http/slow-readers.ts";
import { keepsUnused } from "../http/unused-connections.ts";
import type { Logger } from "../log.ts";
import type { Database } from "../store/database/client.ts";
import { createKeyRing } from "../store/keys/key-ring.ts";
import type { Replicas } from "../store/replicas/replicas.ts";
import { createChangeFeed } from "../store/watch/change-feed.ts";
import { createAccessControl } from "./access.ts";
import { answerMalformed, TunnelRequest } from "./answer-malformed.ts";
import { createRequestListener } from "./answer-request.ts";
import { createGraph } from "./graph.ts";
import { createRoutes } from "./routes.ts";
import { createSend } from "./send.ts";
import { createSubscriptionLimit } from "./subscription-limit.ts";
import type { Metrics, MetricsSources } from "./telemetry/metrics.ts";
import type { Tokens } from "./tokens/tokens.ts";
import { newUserHashKey, type Workers } from "./workers.ts";

export interface ServerOptions {
  config: Config;
  database: Database;
  /** Where queries may read instead. */
  replicas?: Replicas | null;
  log: Logger;
  /** The other workers; null for a server of one process. */
  workers?: Workers | null;
}

export interface RunningServer {
  /** The address of the GraphQL endpoint. */
  url: string;
  /** Takes no new connections, completes subscriptions, lets running requests end, then resolves. */
  close(): Promise<void>;
}

const PROTOCOL = {
  // A caller that is slow to send its request must not hold a connection for minutes. Node's default checks every 30 seconds.
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 1_000,
  // Wide, so that each rule for a header refuses in the envelope of the surface.
  maxHeaderSize: 65_536,
  requireHostHeader: false,
};

/** Serves all surfaces on the configured address. Rejects with Node's error when it cannot listen there. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { config, database, replicas = null, log, workers = null } = options;
  const changes = createChangeFeed(database);
  // With a file for the first key, or with tokens, the server is never meant to be open.
  const mayOpen = isLoopback(config.host) && config.initialKeyFile === undefined && !takesTokens(config);
  const ring = createKeyRing(database, mayOpen);
  // Reads the keys once, for the pages that do not wait for them.
  void ring.isOpen().catch(() => {});
  const subscriptions = createSubscriptionLimit(config.maxSubscriptions);
  const metrics = config.metrics
    ? await openMetrics({ database, replicas, changes, ring, subscriptions }, workers)
    : null;
  const access = createAccessControl({
    ring,
    tokens: takesTokens(config) ? await openTokens(options) : null,
    subscriptions,
    metrics,
  });
  const graph = createGraph({
    config,
    database,
    replicas,
    changes,
    sentDocuments: workers?.sentDocuments ?? null,
  });
  const findRoute = createRoutes({ config, database, replicas, access, graph, metrics });
  const drain = createDrain();
  const slowReaders = dropSlowReaders(config.slowReaderMs, () => metrics?.slowReader());
  const allowOrigin = createAllowOrigin({
    origins: config.corsOrigins,
    trusts: (origin) => access.trustsOrigin(origin),
    refused: (origin) =>
      log.warn({ origin }, "pages of this origin cannot read answers: CORS_ORIGINS does not name it"),
  });
  const userHashKey = workers?.userHashKey ?? newUserHashKey();
  const answer = createRequestListener({ findRoute, allowOrigin, send: createSend(config), log, metrics, userHashKey });
  const pipelining = createPipelining(config.maxPipelinedRequests, answer, answerMalformed);
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    drain.watch(response);
    // One listener for both: a stream's answer has nearly as many as Node takes without a warning.
    response.once("close", () => {
      drain.closed(response);
      pipelining.closed(response);
    });
    pipelining.request(request, response);
  };
  const server = createServer({ ...PROTOCOL, keepAliveTimeout: config.keepAliveTimeoutMs }, listener);
  // Node drops headers beyond this number without a word; one of them may be the isolation key that a gateway adds.
  server.maxHeadersCount = 0;
  // Node would answer these itself, without an id and an envelope.
  server.on("checkExpectation", listener).on("clientError", (error: ParseError, socket: Socket) => {
    if (!keepsUnused(error, socket, config.keepAliveTimeoutMs - PROTOCOL.headersTimeout)) {
      pipelining.malformed(error, socket);
    }
  });
  // Without a listener Node would close the connection; with one, it takes its own listeners off the connection.
  server.on("connect", (_request: IncomingMessage, socket: Socket) => {
    socket.on("error", () => socket.destroy()).resume();
    pipelining.malformed(new TunnelRequest(), socket);
  });
  server.on("connection", drain.connected).on("connection", slowReaders.connected);
  await listen(server, config);
  return {
    url: `${origin(server)}/graphql`,
    close: () => {
      changes.stop();
      return drain.close(server);
    },
  };
}

// Imported only when they are wanted, as jose is then.
async function openTokens({ config, database, log }: ServerOptions): Promise<Tokens> {
  const { createTokens } = await import("./tokens/tokens.ts");
  return createTokens(config, database, log);
}

// Imported only when it is wanted: loading prom-client takes as long as a small command.
async function openMetrics(sources: MetricsSources, workers: Workers | null): Promise<Metrics> {
  const { createMetrics } = await import("./telemetry/metrics.ts");
  const metrics = createMetrics(sources, workers?.sumMetrics ?? null);
  workers?.showMetrics(metrics.snapshot);
  return metrics;
}

function listen(server: Server, { port, host }: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host, backlog: 4096 }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function origin(server: Server): string {
  // Safe cast: the address of a server that listens on a port is never null and never a pipe's name.
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}
