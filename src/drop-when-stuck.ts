import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

/**
 * Breaks the connection of a response of which the caller takes nothing for `ms`, up to twice that: what is still to be
 * sent holds memory. A stream that has nothing to tell is left alone. Not by the socket's own timeout, which the GraphQL
 * pipeline takes off streams. `onDrop` is told.
 */
export function dropWhenStuck(response: ServerResponse, socket: Socket, ms: number, onDrop: () => void): void {
  let before = 0;
  const timer = setInterval(() => {
    const taken = socket.bytesWritten - socket.writableLength;
    if (socket.writableLength > 0 && taken === before) {
      clearInterval(timer);
      onDrop();
      socket.destroy();
    }
    before = taken;
  }, ms).unref();
  response.once("close", () => clearInterval(timer));
}
