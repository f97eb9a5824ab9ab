import { setTimeout as delay } from "node:timers/promises";

import { afterAll, beforeAll, expect, test } from "vitest";

import { append, create, says } from "../harness/writes.ts";
import { call, document, tell } from "./callers.ts";
import { type Stage, setStage, whileTablesLocked } from "./stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage.close());

const STAYING = 6;
const LEAVING = 6;
const REQUESTS = 20;
const LONGEST_STAY_MS = 60;
const LONGEST_LOCK_MS = 120;

const TURNS = `query ($id: ID!) {
  conversation(id: $id) { id turns(first: 50) { totalCount nodes { messages { ... on TextFragment { content } } } } }
  conversations(first: 20) { totalCount nodes { turns(last: 5) { nodes { id } } } }
}`;

/** A conversation with its name in every turn. */
async function talk(origin: string, name: string): Promise<string> {
  const conversationId = await create({ origin });
  for (let said = 0; said < 20; said += 1) await append({ origin }, { conversationId, turn: says(name) });
  return conversationId;
}

test("callers who leave at any moment, many among few connections: each who stays gets the whole of his own answer", async () => {
  const { origin, process } = await stage.serve({ POOL_SIZE: "3", POOL_TIMEOUT_MS: "20000" });
  const names = Array.from({ length: 5 }, (_, index) => `conversation ${index}`);
  const ids = await Promise.all(names.map((name) => talk(origin, name)));
  const askAbout = (index: number, init: RequestInit = {}) =>
    call(`${origin}/graphql`, { ...document(TURNS, { id: ids[index] }), ...init });
  let staying = STAYING;
  let left = 0;

  const leave = async () => {
    while (staying > 0) {
      const leaving = new AbortController();
      const asked = askAbout(left % ids.length, { signal: leaving.signal }).catch(() => {
        left += 1;
      });
      await delay(Math.random() * LONGEST_STAY_MS);
      leaving.abort();
      await asked;
    }
  };
  const stay = async (caller: number) => {
    const index = caller % ids.length;
    for (let asked = 0; asked < REQUESTS; asked += 1) {
      const answer = await askAbout(index);
      expect(answer.status, answer.body).toBe(200);
      const { data, errors } = JSON.parse(answer.body);
      expect(errors).toBeUndefined();
      const { id, turns } = data.conversation;
      expect([id, turns.totalCount, data.conversations.totalCount]).toEqual([ids[index], 20, ids.length]);
      expect(turns.nodes).toEqual(Array.from({ length: 20 }, () => ({ messages: [{ content: names[index] }] })));
    }
    staying -= 1;
  };
  // Statements wait, and end by themselves at about the moment in which they are to be cancelled.
  const hold = async () => {
    while (staying > 0) {
      await whileTablesLocked(stage.admin, ["turns"], () => delay(Math.random() * LONGEST_LOCK_MS));
      await delay(Math.random() * 10);
    }
  };
  const all = await Promise.allSettled([
    hold(),
    ...Array.from({ length: LEAVING }, leave),
    ...Array.from({ length: STAYING }, (_, caller) =>
      stay(caller).catch((error) => {
        staying = 0;
        throw error;
      }),
    ),
  ]);
  for (const outcome of all) if (outcome.status === "rejected") throw outcome.reason;
  expect(process.exitCode).toBeNull();
  expect(left).toBeGreaterThan(STAYING * REQUESTS);
  tell(`${left} callers left, ${STAYING * REQUESTS} requests of those who stayed were answered with 200`);
}, 120_000);
