import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";

import type { ParseError } from "../http/pipelining.ts";
import { malformedRequest } from "./default-errors.ts";
import { newRequestId } from "./request-id.ts";

const STATUS_OF_CODE: Record<string, number> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 };

// What the caller sends after that is read, and thrown away: a reset would take the answer from it.
const LINGER_MS = 1000;

/**
 * Answers what is not HTTP, or takes too long to become it, and closes the connection. Which surface it was meant for
 * nobody can tell, but it gets an id and an envelope as every answer does.
 */
export function answerMalformed(error: ParseError, socket: Socket): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const status = STATUS_OF_CODE[error.code ?? ""] ?? 400;
  const { headers, body } = malformedRequest(status);
  const lines = Object.entries({
    ...headers,
    "x-request-id": newRequestId(),
    "content-length": Buffer.byteLength(String(body)),
    connection: "close",
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("")}\r\n${body}`);
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}
