import { once } from "node:events";
import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

import type { Client } from "./driver.ts";

/** What PostgreSQL knows a session by that is to be cancelled. */
export interface Backend {
  pid: number;
  secret: number;
}

type ClientOptions = Client["options"];

const ANSWER_MS = 1000;
// The protocol's numbers for what a connection may begin with instead of a session.
const CANCEL_REQUEST = 80_877_102;
const TLS_REQUEST = 80_877_103;
const TLS_ACCEPTED = "S";
// As the driver takes them: encrypted, by whomever.
const UNVERIFIED = new Set<unknown>(["require", "allow", "prefer"]);

/**
 * Asks PostgreSQL to cancel what the session runs, over a connection of its own. Resolves to whether that is done, and
 * done for good: PostgreSQL closes the connection when it has sent the signal, and a session takes no further statement
 * before a signal that was sent to it. False when the connection could not be had, broke, or had no end within a second.
 */
export async function requestCancel(options: ClientOptions, { pid, secret }: Backend): Promise<boolean> {
  const { path, host, port } = options;
  const raw = path ? connect(path) : connect(port[0] ?? 0, host[0]);
  const timer = setTimeout(() => raw.destroy(new Error("PostgreSQL did not answer in time.")), ANSWER_MS);
  try {
    await once(raw, "connect");
    const socket = await encrypt(raw, options);
    socket.write(message(CANCEL_REQUEST, pid, secret));
    await once(socket.resume(), "end");
    return true;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
    raw.on("error", () => {}).destroy();
  }
}

/** The connection as the driver would have it for a session. */
async function encrypt(raw: Socket, { ssl, host }: ClientOptions): Promise<Socket> {
  if (ssl === false) return raw;
  raw.write(message(TLS_REQUEST));
  const [answer] = await once(raw, "data");
  if (String(answer) !== TLS_ACCEPTED) {
    if (ssl === "prefer") return raw;
    throw new Error("PostgreSQL speaks no TLS.");
  }
  const name = host[0] ?? "";
  const socket = connectTls({
    socket: raw,
    ...(isIP(name) === 0 && { servername: name }),
    rejectUnauthorized: !UNVERIFIED.has(ssl),
  });
  await once(socket, "secureConnect");
  return socket;
}

/** A message of the protocol that has no type: its length, and numbers. */
function message(...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * (numbers.length + 1));
  for (const [index, number] of [bytes.length, ...numbers].entries()) bytes.writeUInt32BE(number, 4 * index);
  return bytes;
}
