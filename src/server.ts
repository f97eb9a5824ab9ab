import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import type { Config } from "./config.ts";
import { ApiError, toApiError } from "./errors.ts";
import type { Logger } from "./log.ts";
import { createRoutes, type Exchange, type Route } from "./routes.ts";
import type { Answer } from "./rest/answer.ts";
import { sendAnswer } from "./send-answer.ts";
import { type Changes, createChanges } from "./store/changes.ts";
import type { Database } from "./store/client.ts";

export interface ServerOptions {
  config: Config;
  database: Database;
  log: Logger;
}

export interface RunningServer {
  /** The address of the GraphQL endpoint. */
  url: string;
  /** Takes no new connections, completes subscriptions, lets running requests end, then resolves. */
  close(): Promise<void>;
}

/** Serves all surfaces on the configured address. Rejects when the address cannot be had, with Node's error. */
export async function startServer({ config, database, log }: ServerOptions): Promise<RunningServer> {
  const changes = createChanges(database);
  const findRoute = createRoutes(config, database, changes);
  const server = createServer((request, response) => {
    void serve(config, log, findRoute, request, response);
  });
  await listen(server, config);
  return { url: `${origin(server)}/graphql`, close: () => close(server, changes) };
}

/** Finds the route, lets it answer, and turns whatever goes wrong into an answer of that route's surface. */
async function serve(
  config: Config,
  log: Logger,
  findRoute: (path: string) => Route,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const started = performance.now();
  const requestId = `req_${randomUUID().replaceAll("-", "")}`;
  const { path, query } = splitUrl(request.url ?? "");
  const reportError = (error: unknown) => report(log, requestId, error);
  const exchange: Exchange = { request, response, requestId, path, query, reportError };
  const route = findRoute(path);
  response.setHeader("x-request-id", requestId);
  allowOrigin(config.corsOrigins, request, response);
  try {
    const answer = isPreflight(request, response) ? NO_CONTENT : await answerByMethod(route, exchange);
    if (answer !== null) await sendAnswer(response, answer);
  } catch (error) {
    reportError(error);
    if (response.headersSent) response.destroy();
    else await sendAnswer(response, route.fail(error, exchange));
  }
  const durationMs = Math.round(performance.now() - started);
  const { method } = request;
  log.info({ requestId, surface: route.surface, method, status: response.statusCode, durationMs }, "request");
}

const NO_CONTENT: Answer = { status: 204, headers: {}, body: "" };

function answerByMethod(route: Route, exchange: Exchange): Promise<Answer | null> {
  const { request, response } = exchange;
  if (route.methods.includes(request.method ?? "")) return route.answer(exchange);
  response.setHeader("allow", route.methods.join(", "));
  throw new ApiError("METHOD_NOT_ALLOWED", `The method ${request.method} is not allowed here.`);
}

// By hand: the URL class throws for request targets such as "//", and a client may send any.
function splitUrl(url: string): { path: string; query: URLSearchParams } {
  const mark = url.indexOf("?");
  const path = mark < 0 ? url : url.slice(0, mark);
  return { path, query: new URLSearchParams(mark < 0 ? "" : url.slice(mark + 1)) };
}

function isPreflight(request: IncomingMessage, response: ServerResponse): boolean {
  return request.method === "OPTIONS" && response.hasHeader("access-control-allow-origin");
}

/** The cause of an error goes to the log, under the id that the caller was told; what a caller did wrong does not. */
function report(log: Logger, requestId: string, error: unknown): void {
  const { status, cause } = toApiError(error);
  if (status >= 500) log.error({ requestId, err: cause ?? error }, "request failed");
}

/** Only origins that are named in the settings may read answers from a browser. */
function allowOrigin(allowed: readonly string[], request: IncomingMessage, response: ServerResponse): void {
  const { origin: from } = request.headers;
  if (allowed.length > 0) response.setHeader("vary", "origin");
  if (from === undefined || !allowed.includes(from)) return;
  response.setHeader("access-control-allow-origin", from);
  response.setHeader("access-control-allow-methods", "GET, POST");
  response.setHeader(
    "access-control-allow-headers",
    "content-type, authorization, api-key, x-ms-user-isolation-key, x-ms-user-identity",
  );
  response.setHeader("access-control-expose-headers", "x-request-id, retry-after");
  response.setHeader("access-control-max-age", "600");
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

function close(server: Server, changes: Changes): Promise<void> {
  changes.stop();
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}
