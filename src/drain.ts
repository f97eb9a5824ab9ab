import type { Server, ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

/** How a server stops without failing a request that was sent to it. */
export interface Drain {
  /** To be told of each response before its headers are written. */
  watch(response: ServerResponse): void;
  /** Takes no new connections, answers what was sent on the open ones, and resolves when the last of them is closed. */
  close(server: Server): Promise<void>;
}

// For requests that are on their way, on connections that look idle.
const LAST_CALL_MS = 100;
const CLOSE_IDLE_MS = 50;

export function createDrain(): Drain {
  const unanswered = new Set<ServerResponse>();
  let stopping = false;
  return {
    watch(response) {
      if (stopping) announceEnd(response);
      unanswered.add(response);
      response.once("close", () => unanswered.delete(response));
    },
    async close(server) {
      stopping = true;
      for (const response of unanswered) announceEnd(response);
      await delay(LAST_CALL_MS);
      // A connection whose last answer ends after this would wait some seconds for another request.
      const timer = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_MS);
      await new Promise<void>((resolve) => server.close(() => resolve()));
      clearInterval(timer);
    },
  };
}

// A caller that were not told would send its next request on a connection that is closed meanwhile.
function announceEnd(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader("connection", "close");
}
