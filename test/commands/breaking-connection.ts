import { once } from "node:events";
import { createServer, connect as dial } from "node:net";

export interface BreakingConnection {
  /** The database, by a way that breaks. */
  url: string;
  /** Resets each connection on which this text passes, in either direction; null for none. */
  breakAt(text: string | null): void;
  close(): void;
}

/** A way to the database that breaks as a network does: without a word to either side. */
export async function breakingConnection(databaseUrl: string): Promise<BreakingConnection> {
  const target = new URL(databaseUrl);
  let breaking: string | null = null;
  const between = createServer((caller) => {
    const there = dial(Number(target.port), target.hostname);
    const end = () => {
      caller.destroy();
      there.destroy();
    };
    const hand = (bytes: Buffer, on: typeof caller) => {
      if (breaking === null || !bytes.includes(breaking)) on.write(bytes);
      else caller.resetAndDestroy();
    };
    caller.on("error", end).on("close", end);
    there.on("error", end).on("close", end);
    caller.on("data", (bytes) => hand(bytes, there));
    there.on("data", (bytes) => hand(bytes, caller));
  }).listen(0, "127.0.0.1");
  await once(between, "listening");
  const { port } = between.address() as { port: number };
  return {
    url: databaseUrl.replace(target.host, `127.0.0.1:${port}`),
    breakAt: (text) => {
      breaking = text;
    },
    close: () => between.close(),
  };
}
