import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A way to a PostgreSQL that counts the statements which pass through it. */
export interface StatementCounter {
  /** The database's URL by that way. */
  url: string;
  /** How many statements were sent so far. */
  count(): number;
  close(): void;
}

const EXECUTE = "E".charCodeAt(0);
const SIMPLE_QUERY = "Q".charCodeAt(0);

/**
 * Counts on the wire, where every driver and framework is alike: each Execute of a prepared statement and each simple
 * query, transaction control included. (PostgreSQL documentation, "Message Formats".)
 */
export async function openStatementCounter(databaseUrl: string): Promise<StatementCounter> {
  const database = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let count = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(database.port), database.hostname);
    const see = messageReader((type) => {
      if (type === EXECUTE || type === SIMPLE_QUERY) count += 1;
    });
    client.on("data", see).pipe(upstream).pipe(client);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      // Whichever end is lost, the other learns it by the pipe's end.
      socket.on("error", () => {}).on("close", () => sockets.delete(socket.destroy()));
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // A server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo;
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${port}`;
  return {
    url: url.href,
    count: () => count,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

const LENGTH_BYTES = 4;

/**
 * Reports the type of each message that begins in the stream; the first message, which starts the session, has none.
 */
function messageReader(tell: (type: number) => void): (chunk: Buffer) => void {
  let pending: Buffer = Buffer.alloc(0);
  let typeBytes = 0;
  return (chunk) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    while (pending.length >= typeBytes + LENGTH_BYTES) {
      const end = typeBytes + pending.readInt32BE(typeBytes);
      if (pending.length < end) return;
      if (typeBytes === 1) tell(pending.readUInt8(0));
      typeBytes = 1;
      pending = pending.subarray(end);
    }
  };
}
