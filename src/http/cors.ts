import type { IncomingMessage, ServerResponse } from "node:http";

/** Lets a browser's page read the answer when its origin is an allowed one. Sets the headers of the response, on every surface alike. */
export function allowOrigin(allowed: readonly string[], request: IncomingMessage, response: ServerResponse): void {
  const { origin } = request.headers;
  if (allowed.length > 0) response.setHeader("vary", "origin");
  if (origin === undefined || !allowed.includes(origin)) return;
  response.setHeader("access-control-allow-origin", origin);
  response.setHeader("access-control-allow-methods", "GET, POST");
  response.setHeader(
    "access-control-allow-headers",
    "content-type, authorization, api-key, x-ms-user-isolation-key, x-ms-user-identity, x-consistency-token",
  );
  response.setHeader("access-control-expose-headers", "x-request-id, retry-after, x-consistency-token");
  response.setHeader("access-control-max-age", "600");
}

/** Whether the request is a browser's preflight from an allowed origin. To be called after `allowOrigin`. */
export function isPreflight(request: IncomingMessage, response: ServerResponse): boolean {
  return request.method === "OPTIONS" && response.hasHeader("access-control-allow-origin");
}
