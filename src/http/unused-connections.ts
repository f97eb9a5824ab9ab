import type { Socket } from "node:net";

import type { ParseError } from "./pipelining.ts";

/**
 * Whether the error is a timeout of Node's HTTP server on a connection that has sent nothing yet, as balancers open ahead of
 * need. Such a connection is kept for `ms` more, and closed when it is still unused then.
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
