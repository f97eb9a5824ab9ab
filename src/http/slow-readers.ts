import type { Socket } from "node:net";

/** Watches how callers take what they are sent. */
export interface StuckWatch {
  /** To be told of each connection. */
  connected(socket: Socket): void;
}

/**
 * Breaks the connection of a caller who takes nothing of his answer for `ms`, up to twice that: what is still to be sent
 * holds memory. A stream that has nothing to tell is left alone. Not by the socket's own timeout, which the GraphQL
 * pipeline takes off streams. `onDrop` is told.
 */
export function dropSlowReaders(ms: number, onDrop: () => void): StuckWatch {
  // How much each caller had taken when something waited for him at the last look; less than nothing for any other.
  const taken = new Map<Socket, number>();
  let timer: NodeJS.Timeout | undefined;
  const look = () => {
    for (const [socket, before] of taken) {
      const now = socket.bytesWritten - socket.writableLength;
      const waits = socket.writableLength > 0;
      taken.set(socket, waits ? now : -1);
      if (!waits || now !== before) continue;
      onDrop();
      socket.destroy();
    }
  };
  return {
    connected(socket) {
      taken.set(socket, -1);
      timer ??= setInterval(look, ms).unref();
      socket.once("close", () => {
        taken.delete(socket);
        if (taken.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      });
    },
  };
}
