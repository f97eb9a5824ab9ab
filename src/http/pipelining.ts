import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Why bytes are no request: one of the HTTP parser's codes, or of Node's. */
export type ParseError = Error & { code?: string };

/** What the server is told of its connections' requests. */
export interface Pipelining {
  /** Serves the request when every earlier one of its connection is answered: at once where none is open. */
  request(request: IncomingMessage, response: ServerResponse): void;
  /** Refuses what could not be read as a request, behind the answers to what came before it on the connection. */
  malformed(error: ParseError, socket: Socket): void;
}

/**
 * Serves the requests of each connection one after the other, with a turn of the event loop between two. Node's HTTP server
 * begins all of them at once. A connection is not read while one of its requests waits, and what waits is dropped when the
 * connection closes. `refuse` answers what is malformed, and closes its connection.
 *
 * Node reads 64 KB of a connection at once: up to 3,600 requests, which take 2 KB of memory each beside their bytes. So a
 * connection that would make more than `mostWaiting` requests wait, of all connections together, is closed.
 */
export function createPipelining(
  mostWaiting: number,
  serve: RequestListener,
  refuse: (error: ParseError, socket: Socket) => void,
): Pipelining {
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
    // Node's parser resumes the connection with every request that ends, and with every body that is read.
    socket.on("resume", () => {
      if (isHeld(socket)) socket.pause();
    });
  };
  const begin = (socket: Socket, response: ServerResponse) => {
    const work = waiting.get(response);
    waiting.delete(response);
    if (!socket.writable) return;
    work?.();
    if (!isHeld(socket)) socket.resume();
  };
  const wait = (socket: Socket, before: ServerResponse, response: ServerResponse, work: () => void) => {
    if (waiting.size >= mostWaiting) socket.destroy();
    if (socket.destroyed) return;
    waiting.set(response, work);
    before.once("close", () => setImmediate(begin, socket, response));
    hold(socket);
  };

  return {
    request(request, response) {
      const { socket } = request;
      const before = latest.get(socket);
      latest.set(socket, response);
      if (before === undefined || before.closed) serve(request, response);
      else wait(socket, before, response, () => serve(request, response));
    },
    malformed(error, socket) {
      // The part of a request that waits behind others is late because it is not read.
      if (broken.has(socket) || (error.code === "ERR_HTTP_REQUEST_TIMEOUT" && isHeld(socket))) return;
      broken.add(socket);
      const response = latest.get(socket);
      const work = () => refuse(error, socket);
      if (response === undefined) work();
      else if (response.req.complete) whenClosed(response, work);
      // What is malformed is the body of this request. Its answer may have begun.
      else if (waiting.has(response)) waiting.set(response, work);
      else if (response.headersSent) socket.destroy();
      else work();
    },
  };
}

function whenClosed(response: ServerResponse, work: () => void): void {
  if (response.closed) work();
  else response.once("close", work);
}
