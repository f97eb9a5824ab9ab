import type { Socket } from "node:net";

/** Watches how fast callers read their answers. */
export interface SlowReaderWatch {
  /** To be called with each new connection. */
  connected(socket: Socket): void;
}

/**
 * Breaks a connection on which an answer waits and its caller reads nothing for `ms` to twice that: an answer that waits holds
 * memory. A stream without news is left alone. Calls `onDrop` for each. The socket's own timeout would not do: Yoga
 * switches it off for streams.
 */
export function dropSlowReaders(ms: number, onDrop: () => void): SlowReaderWatch {
  // Bytes acknowledged at the last check; -1 when nothing was queued.
  const taken = new Map<Socket, number>();
  let timer: NodeJS.Timeout | undefined;
  const check = () => {
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
      timer ??= setInterval(check, ms).unref();
      socket.once("close", () => {
        taken.delete(socket);
        if (taken.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      });
    },
  };
}
