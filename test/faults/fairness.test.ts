import { afterAll, beforeAll, expect, test } from "vitest";

import { create } from "../harness/writes.ts";
import { type Answer, call, document, quantile, tell } from "./callers.ts";
import { type Stage, setStage } from "./stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage.close());

const ATTACKERS = 4;
const COUNTED = 1500;
const PAIRS = 16;
const ALIASES = 15;
// So many that a few which meet the scheduler at a bad moment do not decide.
const REQUESTS = 240;

const metadata = Array.from({ length: PAIRS }, (_, index) => ({ key: `key${index}`, value: "x".repeat(200) }));
const COUNTS = `query ($metadata: [MetadataEntryInput!]) {
  ${Array.from({ length: ALIASES }, (_, index) => `count${index}: conversations(filter: { metadata: $metadata }) { totalCount }`).join("\n")}
}`;
const LIST = "{ conversations(first: 5) { totalCount nodes { id turns(first: 3) { nodes { id position } } } } }";

// What a process waits for where more of them run than there are processors: less cannot be told from the scheduler's turns.
const SLICE_MS = 10;

/** A request of the user. */
const as = (user: string, { headers, ...init }: RequestInit): RequestInit => ({
  ...init,
  headers: { ...headers, "x-ms-user-isolation-key": user },
});

/** Conversations of the user, with as much metadata as they may have. */
async function fill(user: string): Promise<void> {
  const pairs = Object.fromEntries(metadata.map(({ key, value }) => [key, value]));
  await stage.admin`
    INSERT INTO conversations (project_id, id, isolation_key, created_at, metadata)
    SELECT 'default', 'conv_' || n, ${user}, now() - n * interval '1 s', ${JSON.stringify(pairs)}::text::json
    FROM generate_series(1, ${COUNTED}::integer) AS n`;
  await stage.admin`
    INSERT INTO conversation_heads (project_id, conversation_id, isolation_key, updated_at, revision, turn_count)
    SELECT project_id, id, isolation_key, created_at, 0, 0 FROM conversations WHERE isolation_key = ${user}`;
  await stage.admin`ANALYZE`;
}

/** One request of the other user after the other. */
async function askOther(origin: string): Promise<Answer[]> {
  const answers: Answer[] = [];
  while (answers.length < REQUESTS) answers.push(await call(`${origin}/graphql`, as("other", document(LIST))));
  return answers;
}

test("4 connections that ask for 15 costly counts each, over and over: others are answered, 95% within five times as long", async () => {
  const { origin } = await stage.serve();
  await create({ origin }, {}, { "x-ms-user-isolation-key": "other" });
  await fill("attacker");
  await askOther(origin);
  const idle = await askOther(origin);

  let over = false;
  const attacks: Answer[] = [];
  const attack = async () => {
    while (!over) attacks.push(await call(`${origin}/graphql`, as("attacker", document(COUNTS, { metadata }))));
  };
  const attacking = Promise.all(Array.from({ length: ATTACKERS }, attack));
  const beside = await askOther(origin);
  over = true;
  await attacking;

  const within = (answers: readonly Answer[]) =>
    quantile(
      answers.map(({ ms }) => ms),
      0.95,
    );
  tell(
    `95% of the others' requests within ${within(idle).toFixed(1)} ms alone, ${within(beside).toFixed(1)} ms beside ` +
      `${attacks.length} of the attack, which took ${Math.round(
        quantile(
          attacks.map(({ ms }) => ms),
          0.5,
        ),
      )} ms each`,
  );
  expect(beside.map(({ status }) => status)).toEqual(beside.map(() => 200));
  expect(within(beside)).toBeLessThan(5 * Math.max(within(idle), SLICE_MS));
}, 240_000);
