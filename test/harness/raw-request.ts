import { request } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";

export interface RawAnswer {
  status: number;
  headers: Record<string, string>;
  text: string;
}

/**
 * Sends a GET with exactly these header lines (`name: value`), in their order and repeated as given; `Host` is the
 * URL's unless it is among them. A value is sent byte by byte, as Latin-1.
 */
export function rawGet(url: string, lines: readonly string[] = []): Promise<RawAnswer> {
  const given = lines.map((line) => line.split(/: (.*)/s).slice(0, 2));
  const host = given.some(([name]) => name === "host") ? [] : ["host", new URL(url).host];
  return new Promise((resolve, reject) => {
    // A connection of its own, closed afterwards: none stays open when the server closes.
    request(url, { agent: false, headers: [...host, ...given.flat()] }, async (response) => {
      const pairs = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
      const body = await text(response);
      resolve({ status: response.statusCode ?? 0, headers: Object.fromEntries(pairs), text: body });
    })
      .on("error", reject)
      .end();
  });
}

/** Sends the bytes unchanged, and resolves to everything that arrives until the server closes the connection. */
export async function exchangeBytes(origin: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  socket.end(Buffer.from(bytes, "latin1"));
  return text(socket);
}

/** The text in the form that makes Node's HTTP client send its UTF-8 bytes. */
export function utf8(value: string): string {
  return Buffer.from(value).toString("latin1");
}
