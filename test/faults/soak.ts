/** Mixed traffic and faults for as long as asked: `npm run soak -- --minutes 10`. Fails when memory or handles grow. */
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";

import postgres from "postgres";

import { type BreakableCluster, startBreakableCluster } from "../harness/cluster.ts";
import { type RunningServer, startServer } from "../harness/program.ts";
import { type Answer, call, document, READS, tell } from "./callers.ts";
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
const FAULT_EVERY_MS = 5000;
// One fault in so many stops the database, the others break its connections.
const FAULTS_A_RESTART = 6;

const CREATE = "mutation { createConversation(input: {}) { conversation { id } } }";
const APPEND = `mutation ($id: ID!, $text: String!) { appendTurn(input: {
  conversationId: $id, turn: { role: USER, messages: [{ text: { content: $text } }] } }) { turn { id } } }`;
const NEWEST = "{ conversations(first: 1) { nodes { id } } }";
const WATCH = "subscription ($id: ID!) { turnChanged(conversationId: $id, afterRevision: 0) { turn { id } } }";

// Without each of these, what was asked for was not run.
const EXPECTED = ["200", "503", "watched", "left", "terminated", "restarted"];
// Once its page has begun, the Fixie list can only break off when the database goes away.
const ALLOWED = [...EXPECTED, "fixie broken off"];
const SURFACES = ["graphql", "foundry", "fixie"];

const counts = new Map<string, number>();
let over = false;

function count(outcome: string): void {
  counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
}

/** Counts what comes of a request; answers the body, empty for one that was broken off. */
async function settle(surface: string | undefined, request: Promise<Answer> | undefined): Promise<string> {
  const answer = await request?.catch(() => null);
  count(answer == null ? `${surface} broken off` : String(answer.status));
  return answer?.body ?? "";
}

function send(origin: string, query: string, variables: Record<string, unknown> = {}): Promise<string> {
  return settle("graphql", call(`${origin}/graphql`, document(query, variables)));
}

function firstId(body: string): string | undefined {
  return /"id":"([^"]+)"/.exec(body)?.[1];
}

async function read(origin: string): Promise<void> {
  for (let turn = 0; !over; turn += 1) {
    const kind = turn % READS.length;
    await settle(SURFACES[kind], READS[kind]?.(origin));
    await delay(PAUSE_MS);
  }
}

/** Conversations of 50 turns each, one after the other, and some requests that are refused. */
async function write(origin: string): Promise<void> {
  while (!over) {
    await send(origin, "{ nonsense }");
    const id = firstId(await send(origin, CREATE));
    for (let said = 0; id !== undefined && said < 50 && !over; said += 1) {
      await send(origin, APPEND, { id, text: `${said}` });
      await delay(PAUSE_MS);
    }
    if (id === undefined) await delay(100);
  }
}

/** Subscribers that come and go, as people open and close pages. */
async function watch(origin: string): Promise<void> {
  while (!over) {
    const id = firstId(await send(origin, NEWEST));
    if (id === undefined) {
      await delay(100);
      continue;
    }
    const leaving = new AbortController();
    const { headers, ...init } = document(WATCH, { id });
    const asked = { ...init, headers: { ...headers, accept: "text/event-stream" }, signal: leaving.signal };
    const isHeard = await fetch(`${origin}/graphql`, asked)
      .then((response) => response.body?.getReader().read())
      .then(
        () => true,
        () => false,
      );
    await delay(500);
    leaving.abort();
    count(isHeard ? "watched" : "subscription broken off");
  }
}

/** Callers on each surface that leave before they are answered. */
async function leave(origin: string): Promise<void> {
  const list = `query=${encodeURIComponent("{ conversations(first: 100) { nodes { id turns(first: 100) { nodes { id } } } } }")}`;
  const paths = [`/graphql?${list}`, "/openai/v1/conversations?limit=100", "/api/v1/agents/a/conversations?limit=100"];
  for (let turn = 0; !over; turn += 1) {
    const signal = AbortSignal.timeout(1 + (turn % 20));
    const gone = await fetch(origin + paths[turn % paths.length], { signal })
      .then((response) => response.text())
      .then(
        () => false,
        () => true,
      );
    if (gone) count("left");
    await delay(50);
  }
}

/** Ends every connection to the database now and then, and stops the database hard and starts it again now and then. */
async function breakDatabase(cluster: BreakableCluster, admin: postgres.Sql): Promise<void> {
  for (let fault = 1; !over; fault += 1) {
    await delay(FAULT_EVERY_MS);
    if (fault % FAULTS_A_RESTART === 0) {
      await cluster.crash();
      await delay(1000);
      await cluster.start();
      count("restarted");
    } else {
      await terminateBackends(admin);
      count("terminated");
    }
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

async function soak(server: RunningServer, cluster: BreakableCluster, admin: postgres.Sql): Promise<string[]> {
  const { origin } = new URL(server.url);
  const traffic = Promise.all([
    ...Array.from({ length: 6 }, () => read(origin)),
    ...Array.from({ length: 2 }, () => write(origin)),
    ...Array.from({ length: 4 }, () => watch(origin)),
    ...Array.from({ length: 2 }, () => leave(origin)),
    breakDatabase(cluster, admin),
  ]);
  const ended = server.outcome.then(({ status, stderr }) => [
    `The server ended with ${status}: ${stderr.slice(-2000)}`,
  ]);
  const faults = await Promise.race([observe(server.process.pid ?? 0), ended]);
  over = true;
  await traffic.catch((error) => faults.push(`A request failed: ${error}`));
  const missing = EXPECTED.filter((outcome) => !counts.has(outcome));
  if (missing.length > 0) faults.push(`There was none of these: ${missing.join(", ")}.`);
  const strange = [...counts.keys()].filter((outcome) => !ALLOWED.includes(outcome));
  return strange.length === 0 ? faults : [...faults, `Nobody asked for these: ${strange.join(", ")}.`];
}

const cluster = await startBreakableCluster();
const admin = postgres(cluster.url, { max: 1, fetch_types: false, backoff: () => 0.1, onnotice: () => {} });
const server = await startServer({ DATABASE_URL: cluster.url, LOG_LEVEL: "silent" });
const faults = await soak(server, cluster, admin).catch((error) => [String(error)]);
await server.stop("SIGTERM");
await admin.end();
await cluster.stop();
for (const fault of faults) tell(fault);
tell(faults.length === 0 ? "No growth after warm-up." : "The soak failed.");
process.exitCode = faults.length === 0 ? 0 : 1;
