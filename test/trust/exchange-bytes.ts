import { connect } from "node:net";
import { buffer } from "node:stream/consumers";

import type { TestServer } from "../harness/server.ts";

export interface RawAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Sends the bytes on a connection of their own: the answers in their order, until the server closes it. */
export async function exchangeBytes({ origin }: TestServer, bytes: string): Promise<RawAnswer[]> {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname).on("error", () => {});
  socket.write(bytes);
  const answers = (await buffer(socket)).toString().split("HTTP/1.1 ").slice(1);
  return answers.map((answer) => {
    const [head = "", body = ""] = answer.split("\r\n\r\n");
    const [line = "", ...lines] = head.split("\r\n");
    const headers = Object.fromEntries(lines.map((text) => text.toLowerCase().split(": ")));
    return { status: Number(line.slice(0, 3)), headers, body };
  });
}
