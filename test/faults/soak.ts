/** Mixed traffic and faults for as long as asked: `npm run soak -- --minutes 10`. Fails when memory or handles grow. */
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";

import postgres from "postgres";

import { startBreakableCluster } from "../harness/cluster.ts";
import { type RunningServer, startServer } from "../process/program.ts";
import { call, document, READS, tell } from "./callers.ts";
import { handlesOf, memoryOf } from "./process-state.ts";
import { terminateBackends } from "./terminate-backends.ts";

const { values } = parseArgs({ options: { minutes: { type: "string", default: "10" } } });
const minutes = Number(values.minutes);
if (!(minutes > 0)) throw new Error("--minutes must be a number above 0.");

const INTERVALS = 20;
// What a process of this kind takes and gives back anyway, in megabytes and in handles.
const MEMORY_SLACK = 60;
const HANDLE_SLACK = 20;
const PAUSE_MS = 5;

const CREATE = "mutation { createConversation(input: {}) { conversation { id } } }";
const APPEND = `mutation ($id: ID!, $text: String!) { appendTurn(input: {
  conversationId: $id, turn: { role: USER, messages: [{ text: { content: $text } }] } }) { turn { id } } }`;
const WATCH = "subscription ($id: ID!) { turnChanged(conversationId: $id, afterRevision: 0) { turn { id } } }";

const counts = new Map<string, number>();
let over = false;

function count(outcome: string): void {
  counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
}

async function read(origin: string): Promise<void> {
  for (let turn = 0; !over; turn += 1) {
    const answer = await READS[turn % READS.length]?.(origin);
    count(String(answer?.status));
    await delay(PAUSE_MS);
  }
}

/** Conversations of 50 turns each, one after the other, and some requests that are refused. */
async function write(origin: string): Promise<void> {
  while (!over) {
    const created = await call(`${origin}/graphql`, document(CREATE));
    count(String(created.status));
    const id = /"id":"([^"]+)"/.exec(created.body)?.[1];
    for (let said = 0; id !== undefined && said < 50 && !over; said += 1) {
      count(String((await call(`${origin}/graphql`, document(APPEND, { id, text: `${said}` }))).status));
      await delay(PAUSE_MS);
    }
    count(String((await call(`${origin}/graphql`, document("{ nonsense }"))).status));
  }
}

/** Subscribers that come and go, as people open and close pages. */
async function watch(origin: string): Promise<void> {
  while (!over) {
    const listed = await call(`${origin}/graphql`, document("{ conversations(first: 1) { nodes { id } } }"));
    const id = /"id":"([^"]+)"/.exec(listed.body)?.[1] ?? "";
    const leaving = new AbortController();
    const { headers, ...init } = document(WATCH, { id });
    const asked = { ...init, headers: { ...headers, accept: "text/event-stream" }, signal: leaving.signal };
    const response = await fetch(`${origin}/graphql`, asked);
    await response.body?.getReader().read();
    await delay(500);
    leaving.abort();
    count("watched");
  }
}

async function breakConnections(admin: postgres.Sql): Promise<void> {
  while (!over) {
    await delay(5000);
    await terminateBackends(admin);
    count("terminated");
  }
}

/** Samples the process until the time is over; answers what grew beyond its slack after the first quarter. */
async function observe(pid: number): Promise<string[]> {
  const memory: number[] = [];
  const handles: number[] = [];
  for (let interval = 1; interval <= INTERVALS; interval += 1) {
    await delay((minutes * 60_000) / INTERVALS);
    memory.push(memoryOf(pid).now);
    handles.push(handlesOf(pid));
    const outcomes = [...counts].map(([outcome, times]) => `${outcome}: ${times}`).join(", ");
    tell(`${interval}/${INTERVALS}  ${Math.round(memory.at(-1) ?? 0)} MB  ${handles.at(-1)} handles  ${outcomes}`);
  }
  const quarter = INTERVALS / 4;
  const grown = (samples: number[]) =>
    Math.min(...samples.slice(-quarter)) - Math.max(...samples.slice(quarter, 2 * quarter));
  return [
    ...(grown(memory) > MEMORY_SLACK ? [`Memory grew by ${Math.round(grown(memory))} MB.`] : []),
    ...(grown(handles) > HANDLE_SLACK ? [`Handles grew by ${grown(handles)}.`] : []),
  ];
}

async function soak(server: RunningServer, admin: postgres.Sql): Promise<string[]> {
  const { origin } = new URL(server.url);
  const traffic = Promise.all([
    ...Array.from({ length: 6 }, () => read(origin)),
    ...Array.from({ length: 2 }, () => write(origin)),
    ...Array.from({ length: 4 }, () => watch(origin)),
    breakConnections(admin),
  ]);
  const ended = server.outcome.then(({ status, stderr }) => [
    `The server ended with ${status}: ${stderr.slice(-2000)}`,
  ]);
  const faults = await Promise.race([observe(server.process.pid ?? 0), ended]);
  over = true;
  await traffic.catch((error) => faults.push(`A request failed: ${error}`));
  const strange = [...counts.keys()].filter((outcome) => /^\d/.test(outcome) && !/^(200|400|503)$/.test(outcome));
  return strange.length === 0 ? faults : [...faults, `Statuses that nobody asked for: ${strange.join(", ")}.`];
}

const cluster = await startBreakableCluster();
const admin = postgres(cluster.url, { max: 1, fetch_types: false, onnotice: () => {} });
const server = await startServer({ DATABASE_URL: cluster.url, LOG_LEVEL: "silent" });
const faults = await soak(server, admin).catch((error) => [String(error)]);
await server.stop("SIGTERM");
await admin.end();
await cluster.stop();
for (const fault of faults) tell(fault);
tell(faults.length === 0 ? "No growth after warm-up." : "The soak failed.");
process.exitCode = faults.length === 0 ? 0 : 1;
