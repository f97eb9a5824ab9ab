import { createHash } from "node:crypto";

import { afterAll, beforeAll, expect, test } from "vitest";
import type { FixieBody } from "../harness/get-list.ts";
import { create } from "../harness/writes.ts";
import { type Answer, call, document, quantile, tell } from "./callers.ts";
import { memoryOf } from "./process-state.ts";
import { type ServerProcess, type Stage, setStage } from "./stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage.close());

const CONVERSATIONS = 100;
const TURNS = 600;
const CALLERS_OF_PAGES = 4;
const OTHER_CALLERS = 8;
const MEASURED_MS = 4000;
const SMALL_WITHIN_MS = 1000;
// By so many pages the server may grow: one and a half for each caller.
const PAGES_IN_MEMORY = 6;

const LIST = "{ conversations(first: 20) { totalCount nodes { id turns(first: 10) { nodes { id position } } } } }";
/** A small read each: over GraphQL, of a REST list, and of the server's health, which asks the database too. */
const SMALL: ((origin: string) => Promise<Answer>)[] = [
  (origin) => call(`${origin}/graphql`, document(LIST)),
  (origin) => call(`${origin}/openai/v1/conversations?limit=20`),
  (origin) => call(`${origin}/health/ready`),
];

/** Conversations of one agent, each with many turns of half a kilobyte. */
async function fill(server: ServerProcess): Promise<void> {
  for (let made = 0; made < CONVERSATIONS; made += 1) await create(server, { agent: { name: "large" } });
  await stage.admin`
    INSERT INTO turns (project_id, id, conversation_id, position, revision, role, state, timestamp, messages)
    SELECT 'default', 'turn_' || id || n, id, n, n, 'user', 'done', now(),
      json_build_array(json_build_object('kind', 'text', 'content', repeat('0123456789 ', 40), 'state', 'done'))
    FROM conversations, generate_series(1, ${TURNS}::integer) AS n`;
  await stage.admin`UPDATE conversation_heads SET turn_count = ${TURNS}, revision = ${TURNS}`;
}

/** Small requests of several callers for some seconds, each of which must succeed; how long each took. */
async function askOthers(origin: string): Promise<number[]> {
  const times: number[] = [];
  const end = performance.now() + MEASURED_MS;
  const askAgainAndAgain = async (caller: number) => {
    for (let asked = caller; performance.now() < end; asked += 1) {
      const answer = await SMALL[asked % SMALL.length]?.(origin);
      expect(answer?.status, answer?.body).toBe(200);
      times.push(answer?.ms ?? Number.NaN);
    }
  };
  await Promise.all(Array.from({ length: OTHER_CALLERS }, (_, caller) => askAgainAndAgain(caller)));
  return times;
}

/** Reads the whole page as it comes, without keeping it: the callers beside share this process. */
async function digestOf(url: string): Promise<{ status: number; digest: string }> {
  const response = await fetch(url);
  const hash = createHash("sha256");
  for await (const chunk of response.body ?? []) hash.update(chunk);
  return { status: response.status, digest: hash.digest("hex") };
}

function figures(times: readonly number[]): string {
  const [half, most, all] = [0.5, 0.99, 1].map((share) => Math.round(quantile(times, share)));
  return `${times.length} small requests, half of them within ${half} ms, 99% within ${most} ms, all within ${all} ms`;
}

test("four callers who read pages of 100 conversations × 600 turns: others are answered meanwhile, memory stays within a few pages", async () => {
  const server = await stage.serve();
  const { origin, pid } = server;
  await fill(server);
  const path = `${origin}/api/v1/agents/large/conversations`;
  const alone = await askOthers(origin);
  const before = memoryOf(pid).peak;

  const { body: page } = await call(path);
  const { conversations }: FixieBody = JSON.parse(page);
  expect(conversations.map(({ turns }) => turns.length)).toEqual(Array.from({ length: CONVERSATIONS }, () => TURNS));
  expect(new Set(conversations.flatMap(({ turns }) => turns.map(({ id }) => id))).size).toBe(CONVERSATIONS * TURNS);

  const whole = createHash("sha256").update(page).digest("hex");
  let over = false;
  let pages = 0;
  const readPages = async () => {
    while (!over) {
      expect(await digestOf(path)).toEqual({ status: 200, digest: whole });
      pages += 1;
    }
  };
  const reading = Promise.all(Array.from({ length: CALLERS_OF_PAGES }, readPages));
  const beside = await askOthers(origin);
  over = true;
  await reading;

  const grown = memoryOf(pid).peak - before;
  const megabytes = page.length / 2 ** 20;
  tell(`without large pages: ${figures(alone)}`);
  tell(
    `beside ${pages} pages of ${Math.round(megabytes)} MB each: ${figures(beside)}; the server grew by ${Math.round(grown)} MB`,
  );
  expect(pages).toBeGreaterThanOrEqual(CALLERS_OF_PAGES);
  expect(quantile(beside, 0.99)).toBeLessThan(SMALL_WITHIN_MS);
  expect(grown).toBeLessThan(PAGES_IN_MEMORY * megabytes);
});
