import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

import { afterAll, beforeAll, expect, test } from "vitest";

import { onEach } from "../harness/citus.ts";
import { conversation, store, turn } from "../harness/conversations.ts";
import { callApi } from "../harness/conversations-api.ts";
import { createDatabase } from "../harness/database.ts";
import { runCommand } from "../harness/run-command.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

// Instants of several days, on both sides of the change to summer time, and of the hour that comes twice; with ties.
const INSTANTS = [
  "0001-01-01T00:00:00.000Z",
  "2024-03-31T00:59:59.999Z",
  "2024-10-27T00:30:00.001Z",
  "2024-10-27T01:30:00.001Z",
  "2024-10-27T01:30:00.001Z",
  "2024-11-02T23:30:00.000Z",
  "9999-12-31T23:59:59.999Z",
].map((text) => new Date(text));
const RECORDS = INSTANTS.map((createdAt, at) =>
  conversation(`conv_${at}`, {
    createdAt,
    agent: { name: "a", version: "1" },
    metadata: { title: `the ${at}th` },
    turns: [
      turn(`t${at}.1`, { timestamp: createdAt, text: "some words" }),
      turn(`t${at}.2`, { timestamp: createdAt, role: "assistant", inReplyToId: `t${at}.1`, state: "stopped" }),
    ],
  }),
);

const LIST = `query ($after: String, $from: DateTime, $before: DateTime, $field: ConversationOrderField!) {
  conversations(first: 3, after: $after, orderBy: { field: $field, direction: DESC },
    filter: { createdFrom: $from, updatedBefore: $before }) {
    totalCount pageInfo { startCursor endCursor hasNextPage } edges { cursor node {
      id createdAt updatedAt turns(last: 2) { totalCount nodes { id timestamp } }
    } }
  }
}`;

interface Side {
  server: TestServer;
}

let usual: Side;
let other: Side;
const closing: (() => unknown)[] = [];
beforeAll(async () => {
  usual = await startSide((url) => Promise.resolve(url));
  other = await startSide(async (url) => {
    const name = new URL(url).pathname.slice(1);
    const settings = ["TimeZone = 'Europe/Berlin'", "DateStyle = 'German'", "IntervalStyle = 'sql_standard'"];
    for (const setting of settings) await onEach([url], `ALTER DATABASE ${name} SET ${setting}`);
    return startBareRelay(url);
  });
});
afterAll(async () => {
  for (const close of closing.toReversed()) await close();
});

async function startSide(way: (url: string) => Promise<string>): Promise<Side> {
  const { url: direct, drop } = await createDatabase();
  closing.push(drop);
  const url = await way(direct);
  const server = await startTestServer({}, url);
  closing.push(server.close);
  await store(server.database, RECORDS);
  return { server };
}

/** A way to the database that takes no settings of a session, as a pooler: the URL. */
async function startBareRelay(databaseUrl: string): Promise<string> {
  const url = new URL(databaseUrl);
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
  closing.push(() => {
    listener.close();
    for (const socket of sockets) socket.destroy();
  });
  const through = new URL(databaseUrl);
  // It listens on a port, and so has an address of this form.
  through.port = String((listener.address() as AddressInfo).port);
  return through.href;
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

/** The first page of two orders within bounds that are instants, and the one after its cursor. */
function lists({ server: { origin } }: Side): Promise<string[][]> {
  const ask = async (variables: object) => {
    const body = JSON.stringify({ query: LIST, variables });
    return (await fetch(`${origin}/graphql`, { method: "POST", headers: JSON_BODY, body })).text();
  };
  return Promise.all(
    ["CREATED_AT", "UPDATED_AT"].map(async (field) => {
      const first = await ask({ field, from: "2024-01-01T01:00:00+02:00", before: "2025-01-01T00:00:00Z" });
      const after: string = JSON.parse(first).data.conversations.pageInfo.endCursor;
      return [first, await ask({ field, after })];
    }),
  );
}

const JSON_BODY = { "content-type": "application/json" };

/** What is answered to a GET of the path. */
function get(path: string) {
  return async ({ server }: Side) => {
    const { status, text } = await callApi(server, "GET", path);
    return [status, text];
  };
}

test.each<[string, (side: Side) => Promise<unknown>]>([
  ["GraphQL's lists, compiled", lists],
  ["the Foundry list", get("?agent_name=a&limit=5&after=conv_5")],
  ["the Fixie list", get("/api/v1/agents/a/conversations")],
])(
  "rows that are passed on unread are the same bytes, whatever a session's time zone and styles are: %s",
  async (_name, read) => {
    expect(await read(other)).toEqual(await read(usual));
  },
);

test("an export fails where the database writes instants in no style that can be read: nothing is guessed", async () => {
  const { status, stderr } = await runCommand(other.server.url, ["export"]);
  expect([status, stderr]).toEqual([1, expect.stringContaining("ALTER ROLE … SET DateStyle = 'ISO'")]);
});
