import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";

import type { ParseError } from "../http/pipelining.ts";
import { malformedRequest, tunnelRefused } from "./default-errors.ts";
import { newRequestId } from "./request-id.ts";

const STATUS_OF_CODE: Record<string, number> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 };

/** A request with the method CONNECT. Node's HTTP server reads no further than that, and leaves the answer to its listener. */
export class TunnelRequest extends Error {
  readonly code = "CONNECT";
}

// What the caller sends after that is read and thrown away: with bytes unread, closing would reset the connection, and the
// caller would lose the answer.
const LINGER_MS = 1000;

/**
 * Answers what is not HTTP, takes too long to become it, or asks for a tunnel, and closes the connection. The surface that
 * it was meant for is unknown, but it gets an id and an envelope as every answer does.
 */
export function answerMalformed(error: ParseError, socket: Socket): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const refusal =
    error instanceof TunnelRequest ? tunnelRefused() : malformedRequest(STATUS_OF_CODE[error.code ?? ""] ?? 400);
  const { status, headers, body } = refusal;
  const lines = Object.entries({
    ...headers,
    "x-request-id": newRequestId(),
    "content-length": Buffer.byteLength(String(body)),
    connection: "close",
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("")}\r\n${body}`);
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}
