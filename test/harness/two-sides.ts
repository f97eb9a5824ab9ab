import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

import type { ConversationRecord } from "../../src/model/conversation-record.ts";
import { CITUS_NODES, ON_CITUS, onEach } from "./citus.ts";
import { store } from "./conversations.ts";
import { createDatabase } from "./database.ts";
import { startTestServer, type TestServer } from "./server.ts";

/** Two servers with the same records, each on a database of its own. */
export interface TwoSides {
  usual: TestServer;
  /** Its database has a time zone and styles of its own, and its sessions do not get the product's settings. */
  other: TestServer;
  close(): Promise<void>;
}

// Citus sends workers what it cannot read itself in another style than ISO.
const STYLE = ON_CITUS ? "ISO, DMY" : "German";
const SETTINGS = ["TimeZone = 'Europe/Berlin'", `DateStyle = '${STYLE}'`, "IntervalStyle = 'sql_standard'"];

export async function startTwoSides(records: readonly ConversationRecord[]): Promise<TwoSides> {
  const closing: (() => unknown)[] = [];
  const start = async (way: (url: string) => Promise<string>) => {
    const { url: direct, drop } = await createDatabase();
    closing.push(drop);
    const server = await startTestServer({}, await way(direct));
    closing.push(server.close);
    await store(server.database, records);
    return server;
  };
  const usual = await start(async (url) => url);
  const other = await start(async (url) => {
    const relay = await startOtherSettings(url, ON_CITUS ? CITUS_NODES : [url]);
    closing.push(relay.close);
    return relay.url;
  });
  return {
    usual,
    other,
    async close() {
      for (const close of closing.toReversed()) await close();
    },
  };
}

/** Gives the database, on every node that has it, settings of its own, and a way to it that takes no settings of a session, as a pooler. */
export async function startOtherSettings(
  databaseUrl: string,
  nodes: readonly string[] = [databaseUrl],
): Promise<{ url: string; close(): void }> {
  const url = new URL(databaseUrl);
  for (const setting of SETTINGS) await onEach(nodes, `ALTER DATABASE ${url.pathname.slice(1)} SET ${setting}`);
  const sockets = new Set<Socket>();
  const listener = createServer((caller) => {
    const there = connect(Number(url.port), url.hostname);
    for (const [side, end] of [
      [caller, there],
      [there, caller],
    ] as const) {
      sockets.add(side);
      side.on("error", () => {}).on("close", () => end.destroy());
    }
    there.pipe(caller);
    caller.once("data", (first) => {
      there.write(withoutSettings(first));
      caller.pipe(there);
    });
  }).listen(0, "127.0.0.1");
  await once(listener, "listening");
  const through = new URL(databaseUrl);
  // It listens on a port, and so has an address of this form.
  through.port = String((listener.address() as AddressInfo).port);
  return {
    url: through.href,
    close() {
      listener.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** A connection's first message with the user and the database alone; any other first message as it is. */
function withoutSettings(message: Buffer): Buffer {
  if (message.readInt32BE(4) !== PROTOCOL_3) return message;
  const words = message.toString("utf8", 8).split("\0");
  const kept = ["user", "database"].flatMap((name) => [name, words[words.indexOf(name) + 1] ?? ""]);
  const body = Buffer.from(`${kept.join("\0")}\0\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(8 + body.length);
  head.writeInt32BE(PROTOCOL_3, 4);
  return Buffer.concat([head, body]);
}

const PROTOCOL_3 = 196_608;

const MADE_ID = /\b(conv|turn|msg|fc|fco|key|item)_[0-9a-zA-Z]{16,}/g;
const INSTANT = /\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d\.\d{3})?Z|(?<="created_at":)\d{10}(?=[,}])/g;
const LATELY_MS = 600_000;

/** The text with the same word for every id that a server has made, and for every instant of the last ten minutes. */
export function withoutOwn(text: string): string {
  return text.replaceAll(MADE_ID, "$1_…").replaceAll(INSTANT, (instant) => {
    const ms = instant.length === 10 ? 1000 * Number(instant) : Date.parse(instant);
    return Math.abs(Date.now() - ms) < LATELY_MS ? "just now" : instant;
  });
}
