import { setTimeout as delay } from "node:timers/promises";

import { afterAll, beforeAll, expect, test, vi } from "vitest";

import { create, says } from "../harness/writes.ts";
import { type Answer, call, document, envelopeOf, READS, tell } from "./callers.ts";
import { type Stage, setStage } from "./stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage.close());

const APPEND = "mutation ($input: AppendTurnInput!) { appendTurn(input: $input) { turn { id } } }";

function append(origin: string, conversationId: string, content: string): Promise<Answer> {
  return call(`${origin}/graphql`, document(APPEND, { input: { conversationId, turn: says(content) } }));
}

test("PostgreSQL stopped hard under 40 callers and started again: answers within 2.5 s, 200 within 1 s of its return", async () => {
  const { origin, process } = await stage.serve();
  const conversationId = await create({ origin });
  const surfaces = [...READS, (at: string) => append(at, conversationId, "x")];
  const names = ["graphql", "foundry", "fixie", "graphql"];
  const answers: (Answer & { surface: string | undefined })[] = [];
  let over = false;
  const callAgainAndAgain = async (caller: number) => {
    const kind = caller % surfaces.length;
    while (!over) {
      const answer = await surfaces[kind]?.(origin);
      if (answer !== undefined) answers.push({ ...answer, surface: names[kind] });
      if (answer?.status !== 200) await delay(20);
    }
  };
  const calling = Promise.all(Array.from({ length: 40 }, (_, caller) => callAgainAndAgain(caller)));
  const untilMore = (count: number) => {
    const enough = answers.length + count;
    return vi.waitUntil(() => answers.length >= enough, { timeout: 10_000 });
  };

  await untilMore(400);
  const stoppedAt = performance.now();
  await stage.cluster.crash();
  await delay(3000);
  await stage.cluster.start();
  const backAt = performance.now();
  await delay(1000);
  await untilMore(400);
  over = true;
  await calling;

  const refused = answers.filter(({ status }) => status !== 200);
  expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([503]));
  for (const { body, surface } of refused) expect(envelopeOf(body)).toBe(surface);
  const slowest = Math.max(...answers.map(({ ms }) => ms));
  expect(slowest).toBeLessThan(2500);
  const first = names.map((_, kind) => {
    const again = answers.find(({ at, status, surface }) => at > backAt && status === 200 && surface === names[kind]);
    return (again?.at ?? Number.NaN) - backAt;
  });
  for (const ms of first) expect(ms).toBeLessThan(1000);
  expect(process.exitCode).toBeNull();
  const away = Math.round(backAt - stoppedAt);
  tell(
    `PostgreSQL away for ${away} ms under 40 callers: ${refused.length} answers 503, the slowest answer ` +
      `${Math.round(slowest)} ms, 200 again ${Math.round(Math.max(...first))} ms after its return at the latest`,
  );
});
