import type { Socket } from "node:net";

import type { ParseError } from "./pipelining.ts";

/**
 * Whether Node's HTTP server calls a request late that has not begun, on a connection that has said nothing yet: balancers
 * open them before they need them. It is then kept as idle for `ms` more. The time for a request's headers begins with it.
 */
export function keepsUnused(error: ParseError, socket: Socket, ms: number): boolean {
  if (error.code !== "ERR_HTTP_REQUEST_TIMEOUT" || socket.bytesRead > 0) return false;
  const timer = setTimeout(
    () => {
      if (socket.bytesRead === 0) socket.destroy();
    },
    Math.max(ms, 0),
  ).unref();
  socket.once("close", () => clearTimeout(timer));
  return true;
}
