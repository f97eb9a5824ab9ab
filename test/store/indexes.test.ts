import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { encodeCursor } from "../../src/relay/cursor.ts";
import type { Ordering } from "../../src/relay/ordering.ts";
import { type Page, type PageArguments, parsePage } from "../../src/relay/page.ts";
import { generateConversation } from "../../src/seed/generate-conversation.ts";

import { createStatementCache } from "../../src/store/database/statements.ts";
import { readRawConversations } from "../../src/store/raw/read-rows.ts";
import type { ConversationColumn, TurnsRead } from "../../src/store/raw/row-sql.ts";
import {
  type ConversationFilter,
  type ConversationRow,
  conversationKey,
  countConversations,
  readConversations,
} from "../../src/store/read/conversations.ts";
import { readTurns } from "../../src/store/read/turns.ts";
import type { Scope } from "../../src/store/sql/scope.ts";
import { store } from "../harness/conversations.ts";
import { describeOnOneMachine, testOnOneMachine } from "../harness/one-machine.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { type Plan, plansOf, rowsRead, rowsTouched } from "./plans.ts";

const CONVERSATIONS = 4000;
const PROJECT: Scope = { projectId: "default", isolationKey: null };
const MAX_BYTES = 8_388_608;
const ASC: Ordering = { field: "POSITION", direction: "ASC" };

let server: TestServer;
let user: Scope;
let middle: ConversationRow;
let longest: string;
beforeAll(async () => {
  server = await startTestServer();
  const records = Array.from({ length: CONVERSATIONS }, (_, index) => generateConversation(index, "indexes"));
  for (let from = 0; from < CONVERSATIONS; from += 200) await store(server.database, records.slice(from, from + 200));
  await server.database.rows(sql`ANALYZE`);
  const key = records.find(({ isolationKey, agent }) => isolationKey !== null && agent !== null)?.isolationKey ?? null;
  user = { projectId: "default", isolationKey: key };
  const all = await readConversations(server.database, PROJECT, {}, page({ offset: CONVERSATIONS / 2, first: 1 }));
  middle = all.rows[0] ?? expect.fail("no conversation in the middle");
  longest = records.reduce((a, b) => (b.turns.length > a.turns.length ? b : a)).id;
});
afterAll(() => server.close());

function page(args: PageArguments, ordering: Ordering = { field: "CREATED_AT", direction: "DESC" }) {
  return parsePage(args, ordering, 100);
}

function turnsRead(turnPage: Page): TurnsRead {
  return {
    page: turnPage,
    filter: {},
    rows: true,
    columns: ["role"],
    messages: true,
    hasMore: true,
    hasBehind: true,
    count: false,
  };
}

function expectIndexed(plans: readonly Plan[]): void {
  const problems = plans.filter(
    (node) =>
      /Sort|Seq Scan|Bitmap/.test(node["Node Type"]) ||
      (node["Rows Removed by Filter"] ?? 0) > 0 ||
      (node["Rows Removed by Index Recheck"] ?? 0) > 0,
  );
  expect(problems).toEqual([]);
  expect(plans.some((node) => node["Index Cond"] !== undefined)).toBe(true);
}

/** Whether it finds the counts of a list by their index: of a few days, which PostgreSQL may as well sort. */
function readsCounts(node: Plan): boolean {
  return node["Index Name"] === "conversation_counts_pk" || (node.Plans ?? []).some(readsCounts);
}

const ORDERINGS = (["CREATED_AT", "UPDATED_AT"] as const).flatMap((field) =>
  (["ASC", "DESC"] as const).map((direction): Ordering => ({ field, direction })),
);

// EXPLAIN shows what a worker does as one task, by the names of its shards.
describeOnOneMachine.each(ORDERINGS)(
  "conversations by $field $direction are read from an index, sorted, and nothing beside",
  (ordering) => {
    test.each(["project", "user"])("for a %s", async (whose) => {
      const scope = whose === "project" ? PROJECT : user;
      const cursor = encodeCursor(ordering, conversationKey(ordering, middle));
      for (const args of [{ first: 20 }, { last: 20 }, { first: 20, after: cursor }, { last: 20, before: cursor }]) {
        expectIndexed(
          await plansOf(server.database, (executor) => readConversations(executor, scope, {}, page(args, ordering))),
        );
        const lists = [turnsRead(page({ first: 10 }, ASC)), turnsRead(page({ last: 10 }, ASC))];
        for (const columns of [["key"], ["key", "turnCount"]] satisfies ConversationColumn[][]) {
          const read = { columns, previews: [], lists, hasBehind: true };
          expectIndexed(
            await plansOf(server.database, (executor) =>
              readRawConversations(
                executor,
                createStatementCache()(),
                scope,
                {},
                page(args, ordering),
                read,
                MAX_BYTES,
              ),
            ),
          );
        }
      }
    });
  },
);

const OF_AGENT: [string, ConversationFilter][] = [
  ["an agent", { agentNames: ["support-agent"] }],
  ["an agent's version", { agentNames: ["support-agent"], agentVersion: "3" }],
];

// EXPLAIN shows what a worker does as one task, by the names of its shards.
testOnOneMachine.each(OF_AGENT)("so are those with %s", async (_name, filter) => {
  for (const args of [{ first: 20 }, { last: 20 }]) {
    expectIndexed(
      await plansOf(server.database, (executor) => readConversations(executor, PROJECT, filter, page(args))),
    );
  }
});

// EXPLAIN shows what a worker does as one task, by the names of its shards.
testOnOneMachine.each(OF_AGENT)(
  "those of a user with %s are read and counted in the user's own list",
  async (_name, filter) => {
    const own = await countConversations(server.database, user, {});
    for (const args of [{ first: 20 }, { last: 20 }, { first: 20, offset: 1 }]) {
      const plans = await plansOf(server.database, (executor) => readConversations(executor, user, filter, page(args)));
      // The row on the side that the page is entered from is looked for once more.
      expect(rowsTouched(plans, "conversations")).toBeLessThanOrEqual(2 * own);
    }
    const counting = await plansOf(server.database, (executor) => countConversations(executor, user, filter));
    expect(rowsTouched(counting, "conversations")).toBeLessThanOrEqual(own);
  },
);

// EXPLAIN shows what a worker does as one task, by the names of its shards.
describeOnOneMachine.each(["ASC", "DESC"] as const)(
  "for the filters that are counted, by CREATED_AT %s",
  (direction) => {
    test.each([
      ["a project", PROJECT, {}],
      ["an agent", PROJECT, { agentNames: ["support-agent"] }],
      ["an agent's version", PROJECT, { agentNames: ["support-agent"], agentVersion: "3" }],
      ["a user", "user", {}],
    ] satisfies [string, Scope | "user", ConversationFilter][])(
      "a page after an offset passes over days, and the total of %s reads no conversation",
      async (_name, whose, filter) => {
        const scope = whose === "user" ? user : whose;
        const ordering: Ordering = { field: "CREATED_AT", direction };
        const total = await countConversations(server.database, scope, filter);
        const offset = Math.ceil(total * 0.8);
        const deep = page({ offset, first: 20 }, ordering);
        const plans = await plansOf(server.database, (executor) => readConversations(executor, scope, filter, deep));
        // Days that lie before the offset are read and passed over: nothing else may be.
        const [passed, ...rest] = plans.filter((node) => (node["Rows Removed by Filter"] ?? 0) > 0);
        expect([passed?.["Node Type"] ?? "Subquery Scan", rest]).toEqual(["Subquery Scan", []]);
        expectIndexed(
          plans.filter((node) => node !== passed && !(/Sort|Bitmap/.test(node["Node Type"]) && readsCounts(node))),
        );
        // A user's few conversations lie in one span of time.
        if (scope.isolationKey === null) expect(rowsRead(plans)).toBeLessThan(offset);
        const counting = await plansOf(server.database, (executor) => countConversations(executor, scope, filter));
        expect(counting.filter((node) => /Seq Scan/.test(node["Node Type"]))).toEqual([]);
        expect(rowsTouched(counting, "conversations")).toBe(0);
        expect(rowsRead(counting)).toBeLessThan(10);
      },
    );
  },
);

// EXPLAIN shows what a worker does as one task, by the names of its shards.
testOnOneMachine.each([{ first: 10 }, { last: 10 }, { first: 10, after: encodeCursor(ASC, [50]) }])(
  "the turns of a conversation are read from an index, sorted: %j",
  async (args) => {
    expectIndexed(
      await plansOf(server.database, (executor) =>
        readTurns(executor, PROJECT, [longest], {}, page(args, ASC), { pageBytes: MAX_BYTES }),
      ),
    );
  },
);
