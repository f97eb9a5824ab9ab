import { setTimeout as delay } from "node:timers/promises";

import { afterAll, beforeAll, expect, test } from "vitest";

import { create, says } from "../harness/writes.ts";
import { type Answer, call, document, envelopeOf, READS, tell } from "./callers.ts";
import { type Stage, setStage } from "./stage.ts";
import { terminateBackends } from "./terminate-backends.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage.close());

const ROUNDS = 100;
const EVERY_MS = 100;
const READERS = 9;
const WRITERS = 3;
const SURFACES = ["graphql", "foundry", "fixie"];
const APPEND = "mutation ($input: AppendTurnInput!) { appendTurn(input: $input) { turn { id } } }";

test("every backend terminated 10 times a second for 10 s: 99% of the reads answered, no acknowledged append lost or doubled", async () => {
  const { origin, process } = await stage.serve();
  const conversationId = await create({ origin }, { turns: [says("first")] });
  let over = false;
  let terminated = 0;
  const reads: (Answer & { surface: string | undefined })[] = [];
  const refused: Answer[] = [];
  const acknowledged: string[] = [];

  const read = async (reader: number) => {
    const kind = reader % READS.length;
    while (!over) {
      const answer = await READS[kind]?.(origin);
      if (answer !== undefined) reads.push({ ...answer, surface: SURFACES[kind] });
    }
  };
  // As a client does that wants its turn stored: again with the same key, until it is.
  const write = async (writer: number) => {
    for (let said = 0; !over; said += 1) {
      const idempotencyKey = `${writer}/${said}`;
      const input = { conversationId, turn: says(idempotencyKey), idempotencyKey };
      for (;;) {
        const answer = await call(`${origin}/graphql`, document(APPEND, { input }));
        if (answer.status === 200) break;
        refused.push(answer);
        await delay(10);
      }
      acknowledged.push(idempotencyKey);
    }
  };
  const callers = Promise.all([
    ...Array.from({ length: READERS }, (_, reader) => read(reader)),
    ...Array.from({ length: WRITERS }, (_, writer) => write(writer)),
  ]);
  const startedAt = performance.now();
  for (let round = 0; round < ROUNDS; round += 1) {
    terminated += await terminateBackends(stage.admin);
    await delay(Math.max(0, startedAt + (round + 1) * EVERY_MS - performance.now()));
  }
  over = true;
  await callers;

  const failed = reads.filter(({ status }) => status !== 200);
  for (const { status, body, surface } of failed) {
    expect(status, body).toBe(503);
    expect(envelopeOf(body)).toBe(surface);
  }
  expect(failed.length).toBeLessThanOrEqual(reads.length / 100);
  for (const { status, body } of refused) expect(status, body).toBe(503);
  expect(process.exitCode).toBeNull();
  const turns = await stage.admin`
    SELECT position, messages -> 0 ->> 'content' AS said FROM turns WHERE conversation_id = ${conversationId} ORDER BY position`;
  expect(turns.map(({ position }) => position)).toEqual(turns.map((_, index) => index + 1));
  expect(turns.map(({ said }) => said).toSorted()).toEqual([...acknowledged, "first"].toSorted());
  tell(
    `${terminated} backends terminated in 10 s: ${reads.length} reads, ${failed.length} of them 503; ` +
      `${acknowledged.length} appends acknowledged after ${refused.length} answers 503, each stored once`,
  );
});
