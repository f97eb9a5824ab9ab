import type { IncomingMessage, ServerResponse } from "node:http";

/** Only origins that are named in the settings may read answers from a browser, on every surface alike. */
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

/** Whether the request is a browser's question before the real one, from an origin that is allowed. */
export function isPreflight(request: IncomingMessage, response: ServerResponse): boolean {
  return request.method === "OPTIONS" && response.hasHeader("access-control-allow-origin");
}
