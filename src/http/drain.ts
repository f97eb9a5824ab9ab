import type { Server, ServerResponse } from "node:http";
import { Server as NetServer, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** Stops a server without failing a request that was sent to it. */
export interface Drain {
  /** To be called with each new connection. */
  connected(socket: Socket): void;
  /** To be called with each response before its headers are written. */
  watch(response: ServerResponse): void;
  /** To be called with each response that is closed. */
  closed(response: ServerResponse): void;
  /** Takes no new connections, answers the requests of the open ones, and resolves when the last of them is closed. */
  close(server: Server): Promise<void>;
}

// Time for requests that are on their way, on connections that look idle.
const LAST_CALL_MS = 100;
const CLOSE_IDLE_MS = 50;
// Clients open connections ahead of need and keep unused ones for seconds. Node's HTTP server counts a connection as idle only
// after its first request.
const FIRST_WORD_MS = 500;

export function createDrain(): Drain {
  // The response under way on each connection: an answered one, with its request, would take 6 KB of an idle connection.
  // Keyed by connection, as these change seldom: V8 reallocates a collection that each request enters and leaves, and its
  // former backing store lives until the next full garbage collection.
  const last = new Map<Socket, ServerResponse | null>();
  let stopping = false;
  // Node's HTTP server counts a connection as idle while a slow caller still takes the end of its answer.
  const closeIdle = (server: Server) => {
    const isSending = [...last.keys()].some((socket) => socket.writableLength > 0);
    if (!isSending) server.closeIdleConnections();
  };
  return {
    connected(socket) {
      last.set(socket, null);
      socket.once("close", () => last.delete(socket));
    },
    watch(response) {
      if (stopping) announceEnd(response);
      if (response.req.socket !== null) last.set(response.req.socket, response);
    },
    closed(response) {
      const { socket } = response.req;
      if (last.get(socket) === response) last.set(socket, null);
    },
    async close(server) {
      stopping = true;
      for (const response of last.values()) if (response !== null) announceEnd(response);
      await delay(LAST_CALL_MS);
      // A connection that becomes idle after this would stay open for its keep-alive time.
      const timer = setInterval(closeIdle, CLOSE_IDLE_MS, server);
      // The `close` of Node's HTTP server would close idle connections at once, before requests on their way arrive.
      const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()));
      closeIdle(server);
      await Promise.race([closed, delay(FIRST_WORD_MS, undefined, { ref: false })]);
      for (const socket of last.keys()) if (socket.bytesRead === 0) socket.destroy();
      await closed;
      clearInterval(timer);
    },
  };
}

// Without `connection: close` a client reuses the socket that is about to be closed.
function announceEnd(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader("connection", "close");
}
