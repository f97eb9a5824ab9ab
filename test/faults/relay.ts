import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A way to a database that leads to one server or another, as a load balancer's does. */
export interface Relay {
  /** The database's URL by way of the relay. */
  url: string;
  /** Has new connections go to the server of this URL; those that stand stay where they are. */
  pointTo(url: string): void;
  /** Lets nothing through connections that stand, as a network that is cut. */
  freeze(): void;
  /** How many connections there were. */
  count(): number;
  close(): void;
}

/** A relay to the database of the URL, on a free port. */
export async function startRelay(databaseUrl: string): Promise<Relay> {
  let target = new URL(databaseUrl);
  let count = 0;
  const sockets = new Set<Socket>();
  const listener = createServer((caller) => {
    count += 1;
    const there = connect(Number(target.port), target.hostname);
    // What ends on one side ends on the other.
    for (const [side, other] of [
      [caller, there],
      [there, caller],
    ] as const) {
      sockets.add(side);
      side
        .on("error", () => {})
        .on("close", () => {
          sockets.delete(side);
          other.destroy();
        });
      side.pipe(other);
    }
  }).listen(0, "127.0.0.1");
  await once(listener, "listening");
  const url = new URL(databaseUrl);
  // It listens on a port, and so has an address of this form.
  url.port = String((listener.address() as AddressInfo).port);
  return {
    url: url.href,
    pointTo(next) {
      target = new URL(next);
    },
    freeze() {
      for (const socket of sockets) socket.unpipe().pause();
    },
    count: () => count,
    close() {
      listener.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
