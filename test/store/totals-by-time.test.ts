import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";

import type { ConversationRecord } from "../../src/model/conversation-record.ts";
import { countConversations } from "../../src/store/read/conversations.ts";
import { conversation, store } from "../harness/conversations.ts";
import { testOnOneMachine } from "../harness/one-machine.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { plansOf, rowsTouched } from "./plans.ts";

const DAY_MS = 86_400_000;
const USERS = [null, "ann", "bob"];
const AGENTS = [null, { name: "shop", version: null }, { name: "shop", version: "2" }, { name: "bank", version: "2" }];
const FILTERS = [{}, { agentNames: ["shop"] }, { agentNames: ["shop"], agentVersion: "2" }, { agentVersion: "2" }];

// Instants on both sides of days' ends, in a few days of two neighbouring spans of 32, and at both ends of the calendar.
const days = fc.oneof(fc.integer({ min: 19_870, max: 19_876 }), fc.integer({ min: 19_830, max: 19_910 }));
const times = fc.oneof(
  fc.tuple(days, fc.constantFrom(-1, 0, 1, DAY_MS / 2)).map(([day, offset]) => new Date(day * DAY_MS + offset)),
  fc.constantFrom(
    new Date("0001-01-01T00:00:00.000Z"),
    new Date("9999-12-31T23:59:59.999Z"),
    new Date(-1),
    new Date(0),
  ),
);
const bound = fc.option(times, { nil: undefined });

let server: TestServer;
let records: ConversationRecord[];
beforeAll(async () => {
  server = await startTestServer();
  const drawn = fc.sample(fc.tuple(fc.constantFrom(...USERS), fc.constantFrom(...AGENTS), times), 600);
  records = drawn.map(([isolationKey, agent, createdAt], index) =>
    conversation(`c${index}`, { isolationKey, agent, createdAt }),
  );
  await store(server.database, records);
});
afterAll(() => server.close());

test("the total of any span of time is that of a plain count", async () => {
  const asked = fc.record({
    isolationKey: fc.constantFrom(...USERS),
    filter: fc.constantFrom(...FILTERS),
    createdFrom: bound,
    createdBefore: bound,
  });
  await fc.assert(
    fc.asyncProperty(asked, async ({ isolationKey, filter, createdFrom, createdBefore }) => {
      const { agentNames = [], agentVersion }: { agentNames?: string[]; agentVersion?: string } = filter;
      const counted = records.filter(
        (record) =>
          (isolationKey === null || record.isolationKey === isolationKey) &&
          agentNames.every((name) => record.agent?.name === name) &&
          (agentVersion === undefined || record.agent?.version === agentVersion) &&
          (createdFrom === undefined || record.createdAt >= createdFrom) &&
          (createdBefore === undefined || record.createdAt < createdBefore),
      );
      const scope = { projectId: "default", isolationKey };
      const total = await countConversations(server.database, scope, { ...filter, createdFrom, createdBefore });
      expect(total).toBe(counted.length);
    }),
    { numRuns: 500 },
  );
});

// EXPLAIN shows what a worker does as one task, by the names of its shards.
testOnOneMachine("it reads the conversations of the first day and the last, and counts of those between", async () => {
  const [createdFrom, createdBefore] = [19_830.5, 19_909.5].map((day) => new Date(day * DAY_MS));
  const edges = records.filter(({ createdAt }) => {
    return [19_830, 19_909].includes(Math.floor(createdAt.getTime() / DAY_MS));
  });
  const scope = { projectId: "default", isolationKey: null };
  const plans = await plansOf(server.database, (executor) =>
    countConversations(executor, scope, { createdFrom, createdBefore }),
  );
  expect(rowsTouched(plans, "conversations")).toBeLessThanOrEqual(edges.length);
});
