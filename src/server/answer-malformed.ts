import { randomUUID } from "node:crypto";
import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";

import { foundryErrorAnswer, malformedRequest } from "../rest/foundry/errors.ts";

const STATUS_OF_CODE: Record<string, number> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 };

/** A new id for a request, which its answer and the log carry. */
export function newRequestId(): string {
  return `req_${randomUUID().replaceAll("-", "")}`;
}

/**
 * Answers what is not HTTP, or takes too long to become it, and closes the connection. Which surface it was meant for
 * nobody can tell, but it gets an id and an envelope as every answer does.
 */
export function answerMalformed(error: Error & { code?: string }, socket: Duplex): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const status = STATUS_OF_CODE[error.code ?? ""] ?? 400;
  const { headers, body } = foundryErrorAnswer(malformedRequest(status));
  const lines = Object.entries({
    ...headers,
    "x-request-id": newRequestId(),
    "content-length": Buffer.byteLength(String(body)),
    connection: "close",
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("")}\r\n${body}`);
}
