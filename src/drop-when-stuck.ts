import type { ServerResponse } from "node:http";

/** Watches how callers take what they are sent. */
export interface StuckWatch {
  /** To be told of each response; forgets it when it is over. */
  watch(response: ServerResponse): void;
}

/**
 * Breaks the connection of a response of which the caller takes nothing for `ms`, up to twice that: what is still to be
 * sent holds memory. A stream that has nothing to tell is left alone. Not by the socket's own timeout, which the GraphQL
 * pipeline takes off streams; and with one timer for all, as most responses are over long before. `onDrop` is told.
 */
export function dropWhenStuck(ms: number, onDrop: () => void): StuckWatch {
  // How much each caller had taken when it was last looked at; less than nothing before that.
  const taken = new Map<ServerResponse, number>();
  let timer: NodeJS.Timeout | undefined;
  const look = () => {
    for (const [response, before] of taken) {
      const { socket } = response;
      if (socket === null) continue;
      const now = socket.bytesWritten - socket.writableLength;
      taken.set(response, now);
      if (socket.writableLength === 0 || now !== before) continue;
      onDrop();
      socket.destroy();
    }
    if (taken.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
  return {
    watch(response) {
      taken.set(response, -1);
      timer ??= setInterval(look, ms).unref();
      response.once("close", () => taken.delete(response));
    },
  };
}
