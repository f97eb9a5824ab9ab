import { setTimeout as delay } from "node:timers/promises";

import { afterAll, beforeAll, expect, test } from "vitest";

import { create } from "../harness/writes.ts";
import { call, document, quantile, tell } from "./callers.ts";
import { privateMemoryOf } from "./process-state.ts";
import { type ServerProcess, type Stage, setStage } from "./stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage.close());

const CONVERSATIONS = 12;
const TURNS = 100;
const CHARACTERS = 900_000;
const CALLERS = 8;
const OTHERS = 2;
// What all backends together may have beside the cache: they had 57. A page of 90 MB each took 5,000.
const MEGABYTES = 200;
// What is measured is memory: on a slow machine callers wait longer for their turn.
const PATIENT = { POOL_TIMEOUT_MS: "60000", STATEMENT_TIMEOUT_MS: "60000" };

const SMALL = "{ conversations(first: 20) { totalCount nodes { id createdAt metadata } } }";
const PAGE = `query ($id: ID!, $after: String) { conversation(id: $id) { turns(first: 100, after: $after) {
  nodes { id messages { ... on TextFragment { content } } } pageInfo { hasNextPage endCursor } } } }`;

/** Conversations of one agent whose turns are nearly a megabyte each. */
async function fill(server: ServerProcess): Promise<string[]> {
  const ids: string[] = [];
  for (let made = 0; made < CONVERSATIONS; made += 1) ids.push(await create(server, { agent: { name: "long" } }));
  // To look at every fragment would take a minute; they are of the form that it asks for.
  await stage.admin`ALTER TABLE turns DROP CONSTRAINT turns_messages_check`;
  await stage.admin`
    INSERT INTO turns (project_id, id, conversation_id, position, revision, role, state, timestamp, messages)
    SELECT 'default', 'turn_' || id || n, id, n, n, 'user', 'done', now(),
      json_build_array(json_build_object('kind', 'text', 'content', repeat('0123456789', ${CHARACTERS / 10}), 'state', 'done'))
    FROM conversations, generate_series(1, ${TURNS}::integer) AS n`;
  await stage.admin`UPDATE conversation_heads SET turn_count = ${TURNS}, revision = ${TURNS}`;
  return ids;
}

/** Small requests of several callers until the work is done, most of which must succeed; how long these took. */
async function askBeside(origin: string, work: Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  let over = false;
  let asked = 0;
  const askAgainAndAgain = async () => {
    while (!over) {
      const { status, body, ms } = await call(`${origin}/graphql`, document(SMALL));
      // Where the processors are busy with others, a database that does not answer for a second is taken to be away.
      expect(status, body).toBeOneOf([200, 503]);
      asked += 1;
      if (status === 200) times.push(ms);
    }
  };
  const asking = Promise.all(Array.from({ length: OTHERS }, askAgainAndAgain));
  await ended(work, () => {
    over = true;
  });
  await asking;
  tell(`${times.length} of ${asked} small requests beside it were answered 200, the others 503`);
  expect(times.length).toBeGreaterThan(asked / 2);
  return times;
}

/** A backend may end after it was listed, and has no memory then. */
function memoryIfThere(pid: number): number {
  try {
    return privateMemoryOf(pid) || 0;
  } catch {
    return 0;
  }
}

/** The most private memory that the server's backends had together while the work went on, in megabytes. */
async function backendMemory(work: Promise<unknown>): Promise<number> {
  let most = 0;
  let over = false;
  void ended(work, () => {
    over = true;
  });
  while (!over) {
    const backends = await stage.admin`SELECT pid FROM pg_stat_activity WHERE application_name = 'conversation-graph'`;
    const sizes = backends.map(({ pid }) => memoryIfThere(pid));
    most = Math.max(
      most,
      sizes.reduce((sum, size) => sum + size, 0),
    );
    await delay(20);
  }
  return most;
}

// Where a walk fails, what waits for its end ends too, and the test says why.
const ended = (work: Promise<unknown>, then: () => void) => work.then(then, then);

/** Reads the conversation page by page, as one who tries again when told to; answers how many turns came. */
async function walk(origin: string, id: string): Promise<number> {
  let turns = 0;
  for (let after: string | null = null, more = true; more; ) {
    const { status, body } = await call(`${origin}/graphql`, document(PAGE, { id, after }));
    if (status === 503) continue;
    expect(status, body.slice(0, 1000)).toBe(200);
    const { nodes, pageInfo } = JSON.parse(body).data.conversation.turns;
    turns += nodes.length;
    [after, more] = [pageInfo.endCursor, pageInfo.hasNextPage];
  }
  return turns;
}

test("turns of 0.9 MB: eight who walk through them, and the Fixie list of all", { timeout: 600_000 }, async () => {
  const server = await stage.serve(PATIENT);
  const { origin } = server;
  const ids = await fill(server);

  const walks = Promise.all(ids.slice(0, CALLERS).map((id) => walk(origin, id)));
  const [beside, memory] = await Promise.all([askBeside(origin, walks), backendMemory(walks)]);
  expect(await walks).toEqual(Array.from({ length: CALLERS }, () => TURNS));
  tell(
    `eight walks: backends had up to ${Math.round(memory)} MB; ${beside.length} small requests, 99% within ${Math.round(quantile(beside, 0.99))} ms`,
  );
  expect(memory).toBeLessThan(MEGABYTES);

  const list = (async () => {
    const response = await fetch(`${origin}/api/v1/agents/long/conversations`);
    let [bytes, turns, rest] = [0, 0, ""];
    for await (const chunk of response.body ?? []) {
      bytes += chunk.length;
      // A turn says its role once; a word may come in two pieces.
      const text = rest + Buffer.from(chunk).toString("latin1");
      turns += text.split('"role":').length - 1;
      rest = text.slice(-'"role"'.length);
    }
    return { status: response.status, bytes, turns };
  })();
  const [besideList, ofList] = await Promise.all([askBeside(origin, list), backendMemory(list)]);
  const { status, bytes, turns } = await list;
  tell(
    `a list of ${Math.round(bytes / 1e6)} MB: backends had up to ${Math.round(ofList)} MB; ${besideList.length} small requests, 99% within ${Math.round(quantile(besideList, 0.99))} ms`,
  );
  expect([status, turns]).toEqual([200, CONVERSATIONS * TURNS]);
  expect(bytes).toBeGreaterThan(CONVERSATIONS * TURNS * CHARACTERS);
  expect(ofList).toBeLessThan(MEGABYTES);
});
