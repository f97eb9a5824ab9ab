import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Why bytes are no request. The code is one of the HTTP parser's or of Node's. */
export type ParseError = Error & { code?: string };

/** Takes the requests of all connections. */
export interface Pipelining {
  /** Serves the request when every earlier one of its connection is answered; at once where all are. */
  request(request: IncomingMessage, response: ServerResponse): void;
  /** To be called with each response that is closed. */
  closed(response: ServerResponse): void;
  /** Refuses bytes that are no request, after the answers to the requests before them on the connection. */
  malformed(error: ParseError, socket: Socket): void;
}

/**
 * Serves the requests of each connection one after the other, with a turn of the event loop between two; Node's HTTP server
 * would begin all of them at once. A connection is not read while one of its requests waits. Requests that wait are dropped
 * when their connection closes. `refuse` answers malformed bytes and closes their connection.
 *
 * Node reads 64 KB of a connection at once: up to 3,600 requests, which take 2 KB of memory each beside their bytes. A request
 * that would be more than `mostWaiting` in waiting, over all connections, closes its connection instead.
 */
export function createPipelining(
  mostWaiting: number,
  serve: RequestListener,
  refuse: (error: ParseError, socket: Socket) => void,
): Pipelining {
  // The last response of each connection that is not closed: an answered one, with its request, would take 6 KB of an idle
  // connection.
  const latest = new WeakMap<Socket, ServerResponse>();
  const waiting = new Map<ServerResponse, () => void>();
  const held = new WeakSet<Socket>();
  const broken = new WeakSet<Socket>();

  const isHeld = (socket: Socket) => {
    const response = latest.get(socket);
    return response !== undefined && waiting.has(response);
  };
  const hold = (socket: Socket) => {
    socket.pause();
    if (held.has(socket)) return;
    held.add(socket);
    // Node's HTTP server resumes the connection with every request that ends and every body that is read.
    socket.on("resume", () => {
      if (isHeld(socket)) socket.pause();
    });
  };
  // Node's parser gives the next request in the same turn when the one before is answered in it: all of what it has read
  // would be served before any other connection.
  let served: WeakSet<Socket> | null = null;
  const noteTurn = (socket: Socket) => {
    if (served === null) {
      served = new WeakSet();
      setImmediate(() => {
        served = null;
      });
    }
    served.add(socket);
  };
  const begin = (socket: Socket, response: ServerResponse) => {
    const work = waiting.get(response);
    waiting.delete(response);
    if (!socket.writable) return;
    noteTurn(socket);
    work?.();
    if (!isHeld(socket)) socket.resume();
  };
  const wait = (socket: Socket, before: ServerResponse | undefined, response: ServerResponse, work: () => void) => {
    if (waiting.size >= mostWaiting) socket.destroy();
    if (socket.destroyed) return;
    waiting.set(response, work);
    whenClosed(before, () => setImmediate(begin, socket, response));
    hold(socket);
  };

  return {
    request(request, response) {
      const { socket } = request;
      const before = latest.get(socket);
      latest.set(socket, response);
      if (before !== undefined || served?.has(socket)) {
        wait(socket, before, response, () => serve(request, response));
        return;
      }
      noteTurn(socket);
      serve(request, response);
    },
    closed(response) {
      const { socket, complete } = response.req;
      // The rest of a body may still come.
      if (complete && latest.get(socket) === response) latest.delete(socket);
    },
    malformed(error, socket) {
      // A request behind others is late because its connection is not read.
      if (broken.has(socket) || (error.code === "ERR_HTTP_REQUEST_TIMEOUT" && isHeld(socket))) return;
      broken.add(socket);
      const response = latest.get(socket);
      const work = () => refuse(error, socket);
      if (response === undefined || response.req.complete) whenClosed(response, work);
      // The malformed bytes are the body of this request. Its answer may have begun.
      else if (waiting.has(response)) waiting.set(response, work);
      else if (response.headersSent) socket.destroy();
      else work();
    },
  };
}

function whenClosed(response: ServerResponse | undefined, work: () => void): void {
  if (response === undefined || response.closed) work();
  else response.once("close", work);
}
