import { once } from "node:events";
import { connect as connectSocket, createServer, type Server, type Socket } from "node:net";

import { sql } from "drizzle-orm";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { readConfig } from "../../src/config.ts";
import { type RunningServer, startServer } from "../../src/server/server.ts";
import type { Database } from "../../src/store/database/client.ts";
import { connectTo } from "../harness/connect.ts";
import { conversation, store } from "../harness/conversations.ts";
import { createDatabase, type TestDatabase } from "../harness/database.ts";
import { type FoundryBody, getFoundry, getJson, type Problem } from "../harness/get-list.ts";

let testDatabase: TestDatabase;
let gate: Gate;
let database: Database;
let server: RunningServer;
let origin: string;
let logged: { level: number; requestId?: string; err?: { message: string } }[];

beforeEach(async () => {
  testDatabase = await createDatabase();
  gate = await openGate(testDatabase.url);
  const config = readConfig({ PORT: "0", DATABASE_URL: gate.url });
  database = connectTo(gate.url, { poolSize: 2, statementTimeoutMs: 1000 });
  logged = [];
  const log = pino({ level: "info" }, { write: (line) => void logged.push(JSON.parse(line)) });
  server = await startServer({ config, database, log });
  origin = new URL(server.url).origin;
  await store(database, [conversation("c1", { agent: { name: "a", version: null } })]);
});

afterEach(async () => {
  await server.close();
  await database.close();
  await gate.shut();
  await testDatabase.drop();
});

const AWAY = "The database is not available. Try again shortly.";

async function askBoth() {
  // Far beyond what an answer may take: without one the test fails here.
  const signal = AbortSignal.timeout(8000);
  const [foundry, fixie] = await Promise.all([
    getJson<FoundryBody>(`${origin}/openai/v1/conversations`, { signal }),
    getJson<Problem>(`${origin}/api/v1/agents/a/conversations`, { signal }),
  ]);
  return { foundry, fixie };
}

describe("the database away", () => {
  test("503 with Retry-After in each list's envelope, and 200 again after its return", async () => {
    expect((await getFoundry({ origin })).status).toBe(200);
    await gate.shut();
    const { foundry, fixie } = await askBoth();
    expect([foundry.status, foundry.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(foundry.body).toEqual({ error: { message: AWAY, type: "server_error", param: null, code: null } });
    expect([fixie.status, fixie.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(fixie.headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
    expect(fixie.body).toEqual({ type: "about:blank", title: "Service Unavailable", status: 503, detail: AWAY });
    for (const { headers } of [foundry, fixie]) expect(headers.get("x-request-id")).toMatch(/^req_/);
    await gate.open();
    expect((await getFoundry({ origin })).status).toBe(200);
    expect((await getFoundry({ origin })).body.data.map(({ id }) => id)).toEqual(["c1"]);
  });

  test.each([
    ["where connections are made and nothing is answered", () => gate.shut().then(() => gate.open({ silent: true }))],
    ["where connections that stand fall silent", async () => gate.freeze()],
  ])("503 also %s", async (_case, goAway) => {
    expect((await askBoth()).foundry.status).toBe(200);
    await goAway();
    const { foundry, fixie } = await askBoth();
    expect([foundry.status, fixie.status]).toEqual([503, 503]);
    await gate.shut();
    await gate.open();
    expect((await getFoundry({ origin })).status).toBe(200);
  });

  test("what needs no database is answered all the same", async () => {
    await gate.shut();
    const paths = ["/v1/x", "/health/live", "/schema.graphql", "/openapi.json", "/docs"];
    const answers = await Promise.all(paths.map((path) => fetch(origin + path)));
    const notAllowed = await fetch(`${origin}/openai/v1/conversations`, { method: "PUT" });
    expect([...answers, notAllowed].map(({ status }) => status)).toEqual([404, 200, 200, 200, 200, 405]);
  });
});

test("anything unforeseen is a 500 without internals; the log has the cause under the request's id", async () => {
  await database.rows(sql`ALTER TABLE conversations RENAME COLUMN created_at TO secret_column`);
  const { foundry, fixie } = await askBoth();
  const message = "Something went wrong on the server.";
  expect([foundry.status, fixie.status]).toEqual([500, 500]);
  expect(foundry.body).toEqual({ error: { message, type: "server_error", param: null, code: null } });
  expect(fixie.body).toEqual({ type: "about:blank", title: "Internal Server Error", status: 500, detail: message });
  for (const { headers } of [foundry, fixie]) {
    const requestId = headers.get("x-request-id");
    const causes = logged.filter((line) => line.requestId === requestId && line.err !== undefined);
    expect(causes.map(({ err }) => err?.message)).toContain("column c.created_at does not exist");
  }
});

interface Gate {
  /** The database's URL by way of the gate. */
  url: string;
  /** Lets connections through again; `silent` takes them and says nothing. */
  open(options?: { silent: boolean }): Promise<void>;
  /** Leaves every connection standing, and lets nothing through any more, as a network that is cut. */
  freeze(): void;
  /** Breaks every connection and refuses new ones, as a server that was stopped does. */
  shut(): Promise<void>;
}

async function openGate(databaseUrl: string): Promise<Gate> {
  const target = new URL(databaseUrl);
  const url = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let listener: Server | null = null;
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    return socket;
  };
  const open = async ({ silent } = { silent: false }) => {
    listener = createServer((socket) => {
      if (silent) keep(socket).resume();
      else
        keep(socket)
          .pipe(keep(connectSocket(Number(target.port), target.hostname)))
          .pipe(socket);
    });
    listener.listen(Number(url.port === target.port ? 0 : url.port), "127.0.0.1");
    await once(listener, "listening");
    const address = listener.address();
    url.port = String(typeof address === "object" ? address?.port : "");
    url.hostname = "127.0.0.1";
  };
  const shut = async () => {
    const closing = listener;
    listener = null;
    if (closing === null) return;
    closing.close();
    for (const socket of sockets) socket.destroy();
    await once(closing, "close");
  };
  const freeze = () => {
    for (const socket of sockets) socket.unpipe().pause();
  };
  await open();
  return { url: url.href, open, freeze, shut };
}
