import { once } from "node:events";
import { connect } from "node:net";

import type { Sent } from "./places.ts";

export interface Answer {
  status: number;
  body: string;
}

/** The answers to the request: of what is sent byte for byte, all that come before the server closes the connection. */
export async function exchange(origin: string, request: Sent, key: string | null): Promise<Answer[]> {
  if ("bytes" in request) return exchangeBytes(origin, request.bytes);
  const { path, ...init } = request;
  const response = await fetch(origin + path, {
    ...init,
    headers: { ...(key && { "api-key": key }), ...init.headers },
  });
  return [{ status: response.status, body: await response.text() }];
}

async function exchangeBytes(origin: string, bytes: string): Promise<Answer[]> {
  const { hostname, port } = new URL(origin);
  // One who sends what is no request may find the connection closed before all of it is sent.
  const socket = connect(Number(port), hostname).on("error", () => {});
  const received: Buffer[] = [];
  socket.on("data", (chunk) => received.push(chunk)).end(Buffer.from(bytes, "latin1"));
  await once(socket, "close");
  const answers = Buffer.concat(received)
    .toString()
    .split(/^HTTP\/1\.1 /m)
    .slice(1);
  return answers.map((answer) => ({
    status: Number(answer.slice(0, 3)),
    body: answer.slice(answer.indexOf("\r\n\r\n")),
  }));
}
