import { type SQL, sql } from "drizzle-orm";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";

import { ApiError } from "../../src/model/errors.ts";
import { parsePage } from "../../src/relay/page.ts";
import type { Executor } from "../../src/store/database/executor.ts";
import { countConversations, readConversations } from "../../src/store/read/conversations.ts";
import { deleteAll } from "../../src/store/write/delete-all.ts";
import { importConversation } from "../../src/store/write/import-conversation.ts";
import { conversation, store } from "../harness/conversations.ts";
import { ask, post } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { startTwin, type Twin } from "../harness/twin.ts";
import { says } from "../harness/writes.ts";

let server: TestServer;
let twin: Twin;
beforeAll(async () => {
  server = await startTestServer();
  twin = await startTwin(server);
});
afterAll(async () => {
  await twin.close();
  await server.close();
});

const USERS = [null, "ann", "bob"];
const AGENTS = [null, { name: "shop", version: null }, { name: "shop", version: "2" }, { name: "bank", version: "2" }];
const FILTERS = [
  {},
  { agentName: "shop" },
  { agentId: "shop:2" },
  { agentId: "nobody:2" },
  { agentId: "shop:" },
  { agentName: "" },
];
// Both sides of a day's, of a month's and of the calendar's end.
const TIMES = [
  "0001-01-01T00:00:00.000Z",
  "1969-12-31T23:59:59.999Z",
  "1970-01-01T00:00:00.000Z",
  "2024-05-20T23:59:59.999Z",
  "2024-05-21T00:00:00.000Z",
  "2024-06-30T12:00:00.000Z",
  "9999-12-31T23:59:59.999Z",
];

const place = { user: fc.constantFrom(...USERS), agent: fc.constantFrom(...AGENTS), time: fc.constantFrom(...TIMES) };
const step = fc.oneof(
  fc.record({ does: fc.constant("create" as const), ...place }),
  fc.record({ does: fc.constant("import" as const), ...place, id: fc.integer({ min: 1, max: 6 }) }),
  fc.record({ does: fc.constant("insert" as const), ...place, number: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ does: fc.constant("delete" as const), nth: fc.integer({ min: 0, max: 50 }) }),
  fc.record({ does: fc.constant("delete all" as const), user: fc.constantFrom("ann", "bob") }),
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

const as = (user: string | null): Record<string, string> => (user === null ? {} : { "x-ms-user-isolation-key": user });

let inserted = 0;

async function take(step: Step, through: Pick<TestServer, "origin">): Promise<void> {
  const { database } = server;
  if (step.does === "create") {
    const input = { agent: step.agent, turns: [{ ...says("x"), timestamp: step.time }] };
    const { errors = [] } = await post(through, CREATE, { input }, as(step.user));
    // Another writer may delete it before it is answered.
    expect(errors.filter(({ extensions }) => extensions.code !== "NOT_FOUND")).toEqual([]);
  } else if (step.does === "import") {
    // A known conversation gets another agent, and keeps its user and its time.
    const given = { isolationKey: step.user, agent: step.agent, createdAt: new Date(step.time) };
    await importConversation(database, "default", conversation(`${step.user} ${step.id}`, given), {
      replace: false,
    }).catch((error) => {
      // Another writer deleted it between two statements of the import.
      if (!(error instanceof ApiError && error.code === "CONFLICT")) throw error;
    });
  } else if (step.does === "insert") {
    const given = { isolationKey: step.user, agent: step.agent, createdAt: new Date(step.time) };
    await store(
      database,
      Array.from({ length: step.number }, () => conversation(`inserted ${++inserted}`, given)),
    );
  } else if (step.does === "delete") {
    const ids = await sortedIds(null, {}, "ASC");
    const id = ids[step.nth % Math.max(ids.length, 1)];
    // Another writer may have deleted it in between.
    if (id !== undefined) await post(through, REMOVE, { id });
  } else {
    const scope = { projectId: "default", isolationKey: step.user };
    await deleteAll(database, scope, new AbortController().signal, () => {});
  }
}

const CREATE =
  "mutation ($input: CreateConversationInput!) { createConversation(input: $input) { conversation { id } } }";
const REMOVE = "mutation ($id: ID!) { deleteConversation(input: { id: $id }) { deletedConversationId } }";
const LIST = `query ($filter: ConversationFilter, $orderBy: ConversationOrder, $offset: Int) {
  conversations(first: 3, offset: $offset, filter: $filter, orderBy: $orderBy) {
    totalCount nodes { id } pageInfo { hasNextPage hasPreviousPage }
  }
}`;

function condition(user: string | null, { agentName, agentId }: { agentName?: string; agentId?: string }) {
  const [name = null, version = null] = agentName === undefined ? (agentId?.split(":") ?? []) : [agentName];
  return sql`project_id = 'default' AND (${user}::text IS NULL OR isolation_key = ${user})
    AND (${name}::text IS NULL OR agent_name = ${name}) AND (${version}::text IS NULL OR agent_version = ${version})`;
}

/** The ids in the order that plain SQL gives. */
async function sortedIds(user: string | null, filter: object, direction: "ASC" | "DESC"): Promise<string[]> {
  const order = sql.raw(`created_at ${direction}, id ${direction}`);
  const rows = await server.database.rows<{ id: string }>(
    sql`SELECT id FROM conversations WHERE ${condition(user, filter)} ORDER BY ${order}`,
  );
  return rows.map(({ id }) => id);
}

async function expectTrueLists(): Promise<void> {
  for (const user of USERS) {
    for (const filter of FILTERS) {
      await Promise.all([expectTrueList(user, filter, "ASC"), expectTrueList(user, filter, "DESC")]);
    }
  }
}

async function expectTrueList(user: string | null, filter: object, direction: "ASC" | "DESC"): Promise<void> {
  const ids = await sortedIds(user, filter, direction);
  for (const offset of new Set([0, 1, ids.length >> 1, Math.max(ids.length - 1, 0), ids.length])) {
    const variables = { filter, orderBy: { field: "CREATED_AT", direction }, offset };
    const { conversations } = await ask(server, LIST, variables, as(user));
    expect(conversations, JSON.stringify([user, variables])).toEqual({
      totalCount: ids.length,
      nodes: ids.slice(offset, offset + 3).map((id) => ({ id })),
      pageInfo: { hasNextPage: offset + 3 < ids.length, hasPreviousPage: offset > 0 && ids.length > 0 },
    });
  }
}

async function work(writers: readonly Step[][]): Promise<void> {
  await Promise.all(
    writers.map(async (steps, index) => {
      for (const step of steps) await take(step, index % 2 === 0 ? server : twin);
    }),
  );
}

const writers = fc.array(fc.array(step, { minLength: 1, maxLength: 8 }), { minLength: 2, maxLength: 5 });

test("whatever several writers do at the same time, totals and offset pages are those of a plain count", async () => {
  await fc.assert(
    fc.asyncProperty(writers, async (writers) => {
      await work(writers);
      await expectTrueLists();
    }),
    // What the writers met cannot be met again: a search for fewer steps would only run into the time limit.
    { numRuns: 8, endOnFailure: true },
  );
});

test("while they write, a statement's counts and rows are those of one moment", async () => {
  const page = parsePage({ first: 3, offset: 2 }, { field: "CREATED_AT", direction: "DESC" }, 100);
  const scope = { projectId: "default", isolationKey: "ann" };
  const filter = { agentNames: ["shop"] };
  const [total] = await statementsOf((executor) => countConversations(executor, scope, filter));
  const [rows] = await statementsOf((executor) => readConversations(executor, scope, filter, page));
  const listed = sql`FROM conversations WHERE ${condition("ann", { agentName: "shop" })}`;
  const compare = sql`SELECT (${total}) AS total, (SELECT count(*)::integer ${listed}) AS counted,
    (SELECT json_agg(id) FROM (${rows}) AS page WHERE id IS NOT NULL) AS page,
    (SELECT json_agg(id) FROM (SELECT id ${listed} ORDER BY created_at DESC, id DESC OFFSET 2 LIMIT 4) AS page) AS sorted`;
  const [given] = fc.sample(
    fc.array(fc.array(step, { minLength: 12, maxLength: 12 }), { minLength: 4, maxLength: 4 }),
    1,
  );
  let writing = true;
  const written = work(given ?? []).finally(() => {
    writing = false;
  });
  const readMoments = async () => {
    while (writing) {
      const [row] = await server.database.rows<Record<"total" | "counted" | "page" | "sorted", unknown>>(compare);
      expect(row).toEqual({ ...row, total: row?.counted, page: row?.sorted });
    }
  };
  await Promise.all([written, readMoments()]);
});

/** The statements that the work would run; nothing is run. */
async function statementsOf(work: (executor: Executor) => Promise<unknown>): Promise<SQL[]> {
  const statements: SQL[] = [];
  const note = async <Row extends object>(statement: SQL): Promise<Row[]> => {
    statements.push(statement);
    return [];
  };
  await work({ read: note, rows: note });
  return statements;
}
