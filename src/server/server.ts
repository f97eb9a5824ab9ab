import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { type Config, isLoopback } from "../config.ts";
import type { Answer } from "../http/answer.ts";
import { allowOrigin, isPreflight } from "../http/cors.ts";
import { createDrain } from "../http/drain.ts";
import { createPipelining, type ParseError } from "../http/pipelining.ts";
import { sendAnswer } from "../http/send-answer.ts";
import { dropSlowReaders } from "../http/slow-readers.ts";
import { keepsUnused } from "../http/unused-connections.ts";
import type { Logger } from "../log.ts";
import { ApiError, codeOfStatus, toApiError } from "../model/errors.ts";
import type { Database } from "../store/database/client.ts";
import { createKeyRing } from "../store/keys/key-ring.ts";
import type { Replicas } from "../store/replicas/replicas.ts";
import { createChangeFeed } from "../store/watch/change-feed.ts";
import { traceRequest } from "../tracing.ts";
import { answerMalformed, newRequestId } from "./answer-malformed.ts";
import type { Exchange, Route } from "./route.ts";
import { createRoutes } from "./routes.ts";
import type { Metrics, MetricsSources } from "./telemetry/metrics.ts";
import { createRequestLog, type RequestLog } from "./telemetry/request-log.ts";

export interface ServerOptions {
  config: Config;
  database: Database;
  /** Where queries may read instead. */
  replicas?: Replicas | null;
  log: Logger;
}

export interface RunningServer {
  /** The address of the GraphQL endpoint. */
  url: string;
  /** Takes no new connections, completes subscriptions, lets running requests end, then resolves. */
  close(): Promise<void>;
}

const PROTOCOL = {
  // A caller that is slow to say what it wants must not hold a connection for minutes. Node looks every 30 seconds.
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 1_000,
  // What is too long for its rule, or missing, is refused by the rule and in its surface's envelope.
  maxHeaderSize: 65_536,
  requireHostHeader: false,
};

/** Serves all surfaces on the configured address. Rejects when the address cannot be had, with Node's error. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { config, database, replicas = null, log } = options;
  const changes = createChangeFeed(database);
  // Whoever named a file with the first key never meant the server to be open.
  const ring = createKeyRing(database, isLoopback(config.host) && config.initialKeyFile === undefined);
  // A first look, for the pages that wait for none.
  void ring.isOpen().catch(() => {});
  const metrics = config.metrics ? await openMetrics({ database, replicas, changes }) : null;
  const findRoute = createRoutes(config, database, replicas, changes, ring, metrics);
  const drain = createDrain();
  const stuck = dropSlowReaders(config.slowReaderMs, () => metrics?.slowReader());
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    void serve(config, log, metrics, findRoute, request, response);
  };
  const pipelining = createPipelining(config.maxPipelinedRequests, answer, answerMalformed);
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    drain.watch(response);
    pipelining.request(request, response);
  };
  const server = createServer({ ...PROTOCOL, keepAliveTimeout: config.keepAliveTimeoutMs }, listener);
  // Releases of Node drop the headers beyond a number without a word, also one that a gateway adds to tell users apart.
  server.maxHeadersCount = 0;
  // Node would answer these by itself, without an id and an envelope.
  server.on("checkExpectation", listener).on("clientError", (error: ParseError, socket: Socket) => {
    if (!keepsUnused(error, socket, config.keepAliveTimeoutMs - PROTOCOL.headersTimeout)) {
      pipelining.malformed(error, socket);
    }
  });
  server.on("connection", drain.connected).on("connection", stuck.connected);
  await listen(server, config);
  return {
    url: `${origin(server)}/graphql`,
    close: () => {
      changes.stop();
      return drain.close(server);
    },
  };
}

// Loaded only where it is wanted: the library takes as long as a small command.
async function openMetrics(sources: MetricsSources): Promise<Metrics> {
  const { createMetrics } = await import("./telemetry/metrics.ts");
  return createMetrics(sources);
}

/** Finds the route, lets it answer, and turns whatever goes wrong into an answer of that route's surface. */
async function serve(
  config: Config,
  log: Logger,
  metrics: Metrics | null,
  findRoute: (path: string) => Route,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const requestId = newRequestId();
  const { path, query } = splitUrl(request.url ?? "");
  const route = findRoute(path);
  const signal = goneSignal(request.socket);
  const exchange: Exchange = {
    request,
    response,
    requestId,
    path,
    query,
    signal,
    log: createRequestLog(log, metrics, requestId, route.surface),
  };
  response.setHeader("x-request-id", requestId);
  allowOrigin(config.corsOrigins, request, response);
  const traced = { method: request.method ?? "", headers: request.headers, surface: route.surface, requestId };
  const status = await traceRequest(traced, () => answerExchange(route, exchange));
  exchange.log.end(request.method, status);
}

/** Sends the answer of the route, or its surface's error; resolves to the status. */
async function answerExchange(route: Route, exchange: Exchange): Promise<number> {
  const { request, response, signal, log } = exchange;
  try {
    const answer = isPreflight(request, response) ? NO_CONTENT : await answerByMethod(route, exchange);
    if (answer !== null) await sendAnswer(response, answer);
  } catch (error) {
    const answer = route.fail(error, exchange);
    if (!signal.aborted) tellError(log, error, answer.status);
    if (response.headersSent) response.destroy();
    else await sendAnswer(response, answer);
  }
  return response.statusCode;
}

function tellError(log: RequestLog, error: unknown, status: number): void {
  const known = toApiError(error);
  log.errorCode(known.status === status ? known.code : codeOfStatus(status));
  // What a caller did wrong is not the log's business, in whatever terms his surface puts it.
  if (status >= 500) log.error(error);
}

// By connection: a caller who is gone has closed it, and one after the other it carries many requests.
const gone = new WeakMap<Socket, AbortSignal>();

function goneSignal(socket: Socket): AbortSignal {
  const known = gone.get(socket);
  if (known !== undefined) return known;
  const controller = new AbortController();
  socket.once("close", () => controller.abort());
  gone.set(socket, controller.signal);
  return controller.signal;
}

const NO_CONTENT: Answer = { status: 204, headers: {}, body: "" };

function answerByMethod(route: Route, exchange: Exchange): Promise<Answer | null> {
  const { request, response } = exchange;
  if (route.methods.includes(request.method ?? "")) return route.answer(exchange);
  response.setHeader("allow", route.methods.join(", "));
  throw new ApiError("METHOD_NOT_ALLOWED", `The method ${request.method} is not allowed here.`);
}

// By hand: the URL class throws for request targets such as "//", and a client may send any.
function splitUrl(url: string): { path: string; query: string } {
  const mark = url.indexOf("?");
  const path = mark < 0 ? url : url.slice(0, mark);
  return { path, query: mark < 0 ? "" : url.slice(mark + 1) };
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
  // A server that listens on a port has an address of this form, never null and never a pipe's name.
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}
