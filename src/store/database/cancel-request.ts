import { once } from "node:events";
import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

import type { Client } from "./driver.ts";

/** The session to cancel, as PostgreSQL identifies it. */
export interface Backend {
  pid: number;
  secret: number;
}

type ClientOptions = Client["options"];

const ANSWER_MS = 1000;
// The protocol's numbers that may open a connection in place of a session.
const CANCEL_REQUEST = 80_877_102;
const TLS_REQUEST = 80_877_103;
const TLS_ACCEPTED = "S";
// postgres.js encrypts in these modes without checking the certificate.
const UNVERIFIED = new Set<unknown>(["require", "allow", "prefer"]);

/**
 * Asks PostgreSQL to cancel what the session runs, over a connection of its own. Resolves to true when the cancellation
 * is complete: PostgreSQL closes the connection once it has sent the signal, and a session takes no further statement
 * before a signal that was sent to it. Resolves to false when the connection failed, broke, or did not end within a
 * second.
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

/** The connection, encrypted as postgres.js would encrypt a session. */
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

/** A message without a type: its length, then the numbers. */
function message(...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * (numbers.length + 1));
  for (const [index, number] of [bytes.length, ...numbers].entries()) bytes.writeUInt32BE(number, 4 * index);
  return bytes;
}
