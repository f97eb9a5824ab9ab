import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Server } from "node:http";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";

import { describe, expect, onTestFinished, test } from "vitest";

import { createDatabase } from "../harness/database.ts";
import { startServer } from "../harness/program.ts";
import { startTestServer } from "../harness/server.ts";

const DEFAULT_BACKLOG = 511;
const SOMAXCONN = "/proc/sys/net/core/somaxconn";

/** How many connections the system lets wait; 0 where it does not say. */
function longestBacklog(): number {
  return process.platform === "linux" ? Number(readFileSync(SOMAXCONN, "utf8")) : 0;
}

function open(url: string): Socket {
  const { hostname, port } = new URL(url);
  // What breaks shows as an answer that did not come.
  return connect(Number(port), hostname).on("error", () => {});
}

// They wait: together they take as long as the longest.
describe.concurrent("of callers that take their time,", () => {
  test("who is slow to say what it wants is not waited for longer than 10 seconds", async ({ onTestFinished }) => {
    const server = await startTestServer();
    onTestFinished(() => server.close());
    const started = performance.now();
    const socket = open(server.origin);
    socket.write("GET /health/live HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 408 /);
    const seconds = (performance.now() - started) / 1000;
    expect(seconds).toBeGreaterThan(9);
    expect(seconds).toBeLessThan(12);
  });

  test("what has been read of a request waits behind others without being called late, and no idle connection is", async ({
    onTestFinished,
  }) => {
    const server = await startTestServer();
    onTestFinished(() => server.close());
    const request = (path: string, end = "\r\n") => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${end}`;
    const [held, idle, unused] = [open(server.origin).pause(), open(server.origin), open(server.origin)];
    idle.write(request("/health/live"));
    await once(idle, "data");
    // More than sockets take in, of which the caller reads nothing.
    held.write(request("/graphql/graphiql.js").repeat(4) + request("/health/live", ""));
    await delay(12_000);
    held.write("Connection: close\r\n\r\n");
    for (const socket of [idle, unused]) socket.write(request("/health/live", "Connection: close\r\n\r\n"));
    const answers = await Promise.all([text(held), text(idle), text(unused)]);
    expect(answers.map((answer) => answer.match(/HTTP\/1\.1 \d{3} /g))).toEqual([
      Array(5).fill("HTTP/1.1 200 "),
      ["HTTP/1.1 200 "],
      ["HTTP/1.1 200 "],
    ]);
  });

  test("who says nothing at all is let go as an idle connection is, and whose first request is slow within 10 seconds", async ({
    onTestFinished,
  }) => {
    const server = await startTestServer({ KEEP_ALIVE_TIMEOUT_MS: "12000" });
    onTestFinished(() => server.close());
    const started = performance.now();
    const end = async (socket: Socket) => [(await text(socket)).slice(9, 12), performance.now() - started] as const;
    const [silent, late] = [open(server.origin), open(server.origin)];
    const ended = Promise.all([end(silent), end(late)]);
    await delay(11_000);
    late.write("GET /health/live HTTP/1.1\r\nX-Slow: ");
    const [[nothing, silentFor], [status, lateFor]] = await ended;
    expect([nothing, status]).toEqual(["", "408"]);
    expect(silentFor).toBeGreaterThan(11_500);
    expect(lateFor).toBeGreaterThan(20_500);
  });
});

test.each([
  [{}, "timeout=65"],
  [{ KEEP_ALIVE_TIMEOUT_MS: "1000" }, "timeout=1"],
])(
  "an idle connection is kept as long as balancers keep theirs, or as long as the settings %j say",
  async (env, told) => {
    const server = await startTestServer(env);
    onTestFinished(() => server.close());
    const socket = open(server.origin);
    socket.write("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n");
    expect(String(await once(socket, "data"))).toContain(`\r\nKeep-Alive: ${told}\r\n`);
    if (told === "timeout=1") await once(socket, "close");
  },
);

test("a whole request is waited for 30 seconds", async () => {
  const server = await startTestServer();
  const servers: Server[] = [];
  const note = (message: unknown) => {
    if (typeof message === "object" && message !== null && "server" in message && message.server instanceof Server) {
      servers.push(message.server);
    }
  };
  subscribe("http.server.request.start", note);
  await fetch(`${server.origin}/health/live`);
  unsubscribe("http.server.request.start", note);
  await server.close();
  expect(servers).toMatchObject([{ headersTimeout: 10_000, requestTimeout: 30_000 }]);
});

test.skipIf(longestBacklog() <= DEFAULT_BACKLOG)(
  "more callers than a process takes by default may come while it is busy, and each is answered (needs a somaxconn over 511)",
  async () => {
    const { url: databaseUrl, drop } = await createDatabase();
    const server = await startServer({ DATABASE_URL: databaseUrl });
    onTestFinished(async () => {
      server.process.kill("SIGCONT");
      await server.stop("SIGTERM");
      await drop();
    });
    server.process.kill("SIGSTOP");
    const callers = Array.from({ length: Math.min(2 * DEFAULT_BACKLOG, longestBacklog()) }, () => open(server.url));
    // Connected by the system, which keeps them for the process.
    await Promise.all(callers.map((caller) => once(caller, "connect")));
    const request = "GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    for (const caller of callers) caller.write(request);
    server.process.kill("SIGCONT");
    const answers = await Promise.all(callers.map((caller) => text(caller).catch(String)));
    expect(answers.filter((answer) => !answer.startsWith("HTTP/1.1 200 "))).toEqual([]);
  },
);
