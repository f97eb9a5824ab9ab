import type { RequestListener } from "node:http";
import type { Socket } from "node:net";

import type { Answer } from "../http/answer.ts";
import { type AllowOrigin, isPreflight } from "../http/cors.ts";
import type { Logger } from "../log.ts";
import { ApiError, codeOfStatus, toApiError } from "../model/errors.ts";
import { traceRequest } from "../tracing.ts";
import { newRequestId } from "./request-id.ts";
import type { Exchange, Route } from "./route.ts";
import type { FindRoute } from "./routes.ts";
import type { Send } from "./send.ts";
import type { Metrics } from "./telemetry/metrics.ts";
import { createRequestLog, type RequestLog } from "./telemetry/request-log.ts";

interface RequestOptions {
  findRoute: FindRoute;
  allowOrigin: AllowOrigin;
  send: Send;
  log: Logger;
  metrics: Metrics | null;
  /** See `createRequestLog`. */
  userHashKey: string;
}

/** Answers requests: finds the route, lets it answer, and turns whatever goes wrong into an answer of the route's surface. */
export function createRequestListener(options: RequestOptions): RequestListener {
  const { findRoute, allowOrigin, send } = options;
  return async (request, response) => {
    const requestId = newRequestId();
    const { path, query } = splitUrl(request.url ?? "");
    const route = findRoute(path);
    const { surface } = route;
    const signal = goneSignal(request.socket);
    const requestLog = createRequestLog(options, requestId, surface);
    response.setHeader("x-request-id", requestId);
    response.setHeader("vary", "origin");
    if (request.headers.origin !== undefined) await allowOrigin(request.headers.origin, request, response);
    const traced = { method: request.method ?? "", headers: request.headers, surface, requestId };
    const exchange = { request, response, requestId, path, query, signal, log: requestLog };
    const status = await traceRequest(traced, () => answerExchange(route, exchange, send));
    requestLog.end(request.method, status);
  };
}

/** Sends the answer of the route, or its surface's error; resolves to the status. */
async function answerExchange(route: Route, exchange: Exchange, send: Send): Promise<number> {
  const { request, response, signal, log } = exchange;
  try {
    const answer = isPreflight(request, response) ? NO_CONTENT : await answerByMethod(route, exchange);
    await send(response, answer);
  } catch (error) {
    const answer = route.fail(error, exchange);
    if (!signal.aborted) logError(log, error, answer.status);
    if (response.headersSent) response.destroy();
    else await send(response, answer);
  }
  return response.statusCode;
}

function logError(log: RequestLog, error: unknown, status: number): void {
  const known = toApiError(error);
  log.errorCode(known.status === status || status < 400 ? known.code : codeOfStatus(status));
  // A caller's mistake is not the log's business, in whatever terms the surface puts it.
  if (status >= 500) log.error(error);
}

// One signal a connection, which carries many requests one after the other: a caller that is gone has closed it.
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

function answerByMethod(route: Route, exchange: Exchange): Promise<Answer> {
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
