import { once } from "node:events";
import { connect } from "node:net";

import { afterAll, beforeAll, expect, test } from "vitest";

import { runProgram } from "../harness/program.ts";
import { type Answer, call, document, quantile, tell } from "./callers.ts";
import { memoryOf } from "./process-state.ts";
import { type ServerProcess, type Stage, setStage } from "./stage.ts";

let stage: Stage;
let key: string;
beforeAll(async () => {
  stage = await setStage();
  const env = { DATABASE_URL: stage.cluster.url };
  await runProgram(["migrate"], env);
  key = (await runProgram(["keys", "create", "--access", "project"], env)).stdout.trim();
});
afterAll(() => stage.close());

const PIPELINED = 4000;
const STATUS_LINE = "HTTP/1.1 200";
const LIST = "{ conversations(first: 5) { totalCount nodes { id turns(first: 3) { nodes { id } } } } }";
const BODY = JSON.stringify({ query: LIST });

const get = (path: string) => `GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`;
const post = (headers: string) =>
  `POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n${headers}content-length: ${BODY.length}\r\n\r\n${BODY}`;

/** Sends the requests on one connection without waiting for answers; resolves to the statuses of all answers. */
async function pipeline({ origin }: ServerProcess, requests: readonly string[]): Promise<string[]> {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  socket.write(requests.join(""));
  const statuses: string[] = [];
  let rest = "";
  for await (const data of socket) {
    rest += data.toString("latin1");
    statuses.push(...Array.from(rest.matchAll(/HTTP\/1\.1 (\d{3})/g), ([, status]) => String(status)));
    if (statuses.length >= requests.length) break;
    // The end may be the beginning of a status line.
    const read = rest.lastIndexOf("HTTP/1.1 ") + STATUS_LINE.length;
    rest = rest.slice(Math.max(read, rest.length - STATUS_LINE.length + 1));
  }
  return statuses;
}

const CALLS = 200;

/** Calls one time after the other until the work is done, up to 200 times. */
async function callDuring(work: Promise<unknown>, ask: () => Promise<Answer>): Promise<Answer[]> {
  let isDone = false;
  void work.finally(() => {
    isDone = true;
  });
  const answers: Answer[] = [];
  while (!isDone && answers.length < CALLS) answers.push(await ask());
  return answers;
}

test.each([
  ["/health/live", "200", () => get("/health/live")],
  ["/health/ready", "200", () => get("/health/ready")],
  ["unknown URLs", "404", (index: number) => get(`/x/${index}`)],
  ["a URL with the wrong method", "405", () => "PUT /graphql HTTP/1.1\r\nhost: localhost\r\n\r\n"],
  ["/graphql without a key", "401", () => post("")],
  ["/graphql with a key", "200", () => post(`api-key: ${key}\r\n`)],
])(
  "4,000 pipelined requests to %s: each is answered, and others wait for one at a time",
  async (what, status, requestAt) => {
    const server = await stage.serve();
    const query = document(LIST);
    const init = { ...query, headers: { ...query.headers, "api-key": key } };
    const read = () => call(`${server.origin}/graphql`, init);
    for (let round = 0; round < 20; round += 1) await read();
    const before = memoryOf(server.pid).now;
    const startedAt = performance.now();
    const pipelined = pipeline(
      server,
      Array.from({ length: PIPELINED }, (_, index) => requestAt(index)),
    );
    const asking = [read, read, () => call(`${server.origin}/health/live`)].map((ask) => callDuring(pipelined, ask));
    const others = (await Promise.all(asking)).flat();
    expect(await pipelined).toEqual(Array(PIPELINED).fill(status));
    const times = others.map(({ ms }) => ms);
    tell(
      `${PIPELINED} pipelined requests to ${what} in ${Math.round(performance.now() - startedAt)} ms; meanwhile ` +
        `${times.length} of others, half of them within ${Math.round(quantile(times, 0.5))} ms, 95% within ` +
        `${Math.round(quantile(times, 0.95))} ms, all within ${Math.round(Math.max(...times))} ms; ` +
        `${Math.round(before)} MB before, ${Math.round(memoryOf(server.pid).now)} MB after`,
    );
    expect(others.filter((answer) => answer.status !== 200)).toEqual([]);
    expect(times.length).toBeGreaterThan(100);
    expect(quantile(times, 0.95)).toBeLessThan(500);
  },
);
