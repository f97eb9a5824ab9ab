import type { Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** How a server stops without failing a request that was sent to it. */
export interface Drain {
  /** To be told of each connection. */
  connected(socket: Socket): void;
  /** To be told of each response before its headers are written. */
  watch(response: ServerResponse): void;
  /** Takes no new connections, answers what was sent on the open ones, and resolves when the last of them is closed. */
  close(server: Server): Promise<void>;
}

// For requests that are on their way, on connections that look idle.
const LAST_CALL_MS = 100;
const CLOSE_IDLE_MS = 50;
// Clients connect before they need to, and keep what they did not need for seconds. Node calls a connection idle only after
// its first request.
const FIRST_WORD_MS = 500;

export function createDrain(): Drain {
  // The last response of each connection. By connection, as these come and go seldom: a collection that each request enters
  // and leaves is put up anew all the time, and what it held before lives until the next full garbage collection.
  const last = new Map<Socket, ServerResponse | null>();
  let stopping = false;
  return {
    connected(socket) {
      last.set(socket, null);
      socket.once("close", () => last.delete(socket));
    },
    watch(response) {
      if (stopping) announceEnd(response);
      if (response.req.socket !== null) last.set(response.req.socket, response);
    },
    async close(server) {
      stopping = true;
      for (const response of last.values()) if (response !== null) announceEnd(response);
      await delay(LAST_CALL_MS);
      // A connection whose last answer ends after this would wait some seconds for another request.
      const timer = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_MS);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await Promise.race([closed, delay(FIRST_WORD_MS, undefined, { ref: false })]);
      for (const socket of last.keys()) if (socket.bytesRead === 0) socket.destroy();
      await closed;
      clearInterval(timer);
    },
  };
}

// A caller that were not told would send its next request on a connection that is closed meanwhile.
function announceEnd(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader("connection", "close");
}
