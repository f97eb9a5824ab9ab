import { once } from "node:events";
import { connect, type Socket } from "node:net";

import { afterAll, beforeAll, expect, test } from "vitest";

import { tell } from "./callers.ts";
import { handleLimit, memoryOf } from "./process-state.ts";
import { type Stage, setStage } from "./stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage.close());

const SOCKETS = 10_000;
// Beside the sockets each process holds its database connections, files and pipes.
const NEEDED = SOCKETS + 500;
const PATHS = [
  `/graphql?query=${encodeURIComponent("{ conversations(first: 5) { totalCount nodes { id } } }")}`,
  "/openai/v1/conversations",
  "/api/v1/agents/a/conversations",
];

async function open(port: number, hostname: string): Promise<Socket> {
  const socket = connect(port, hostname);
  await once(socket, "connect");
  return socket;
}

/** Sends a request on the socket; answers the status, or the error that broke it off. */
function ask(socket: Socket, path: string | undefined): Promise<string> {
  return new Promise((resolve) => {
    socket.once("data", (data) => resolve(data.toString("latin1", 9, 12)));
    socket.once("error", (error) => resolve(error.message));
    socket.once("close", () => resolve("closed"));
    socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
  });
}

const limit = handleLimit();
// The database may be starved too while the machine opens sockets: then its statement ends at its time limit.
const STARVED = SOCKETS / 100;

test.skipIf(limit < NEEDED)(
  `10,000 sockets at once: none reset, each 200 or 503 (504 for one in a hundred at most), under 512 MB (needs ulimit -n ${NEEDED}; it is ${limit})`,
  async () => {
    const { origin, pid, process } = await stage.serve();
    const { port, hostname } = new URL(origin);
    const started = performance.now();
    const sockets = await Promise.all(Array.from({ length: SOCKETS }, () => open(Number(port), hostname)));
    const connected = performance.now();
    const answers = await Promise.all(sockets.map((socket, index) => ask(socket, PATHS[index % PATHS.length])));
    const answered = performance.now();
    const { peak } = memoryOf(pid);
    for (const socket of sockets) socket.destroy();

    const counts = Object.groupBy(answers, (answer) => answer);
    expect(Object.keys(counts).filter((answer) => !["200", "503", "504"].includes(answer))).toEqual([]);
    expect(counts["504"]?.length ?? 0).toBeLessThanOrEqual(STARVED);
    expect(peak).toBeLessThan(512);
    expect((await fetch(`${origin}/openai/v1/conversations`)).status).toBe(200);
    expect(process.exitCode).toBeNull();
    tell(
      `${SOCKETS} sockets, connected in ${Math.round(connected - started)} ms, all answered ` +
        `${Math.round(answered - connected)} ms later: ${counts["200"]?.length ?? 0} times 200, ` +
        `${counts["503"]?.length ?? 0} times 503, ${counts["504"]?.length ?? 0} times 504; ${Math.round(peak)} MB at most`,
    );
  },
);
