import { sql } from "drizzle-orm";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";

import type { ConversationRecord } from "../../src/model/conversation-record.ts";
import { conversation, removeAll, store, turn } from "../harness/conversations.ts";
import { ask } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const PAGE_SIZES = [1, 7, 23];
const PAGE = "edges { cursor node { id } } pageInfo { hasPreviousPage hasNextPage startCursor endCursor }";
const LIST = `query ($first: Int, $last: Int, $after: String, $before: String, $orderBy: ConversationOrder, $filter: ConversationFilter) {
  page: conversations(first: $first, last: $last, after: $after, before: $before, orderBy: $orderBy, filter: $filter) { ${PAGE} }
}`;
const TURNS = `query ($id: ID!, $first: Int, $last: Int, $after: String, $before: String, $filter: TurnFilter) {
  conversation(id: $id) { page: turns(first: $first, last: $last, after: $after, before: $before, filter: $filter) { ${PAGE} } }
}`;

interface ListPage {
  edges: { cursor: string; node: { id: string } }[];
  pageInfo: { hasPreviousPage: boolean; hasNextPage: boolean; startCursor: string | null; endCursor: string | null };
}
type Read = (args: Record<string, unknown>) => Promise<ListPage>;

/** Walks the connection from one end to the other; every page must report its place among `ids` correctly. */
async function walk(read: Read, ids: readonly string[], backward: boolean, size: number): Promise<void> {
  const seen: string[] = [];
  let cursor: string | null = null;
  let more = true;
  while (more) {
    const { edges, pageInfo } = await read(backward ? { last: size, before: cursor } : { first: size, after: cursor });
    const [entered, ahead] = [seen.length > 0, seen.length + edges.length < ids.length];
    expect(pageInfo).toEqual({
      hasPreviousPage: backward ? ahead : entered,
      hasNextPage: backward ? entered : ahead,
      startCursor: edges.at(0)?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    });
    const found = edges.map(({ node }) => node.id);
    if (backward) seen.unshift(...found);
    else seen.push(...found);
    cursor = backward ? pageInfo.startCursor : pageInfo.endCursor;
    more = backward ? pageInfo.hasPreviousPage : pageInfo.hasNextPage;
    if (more) expect(edges).toHaveLength(size);
  }
  expect(seen).toEqual(ids);
}

async function walkAll(read: Read, ids: readonly string[]): Promise<void> {
  for (const size of PAGE_SIZES) {
    await walk(read, ids, false, size);
    await walk(read, ids, true, size);
  }
}

// Three milliseconds for all of them: most rows tie. Ids of every printable character, so that no collation can hide.
const START = Date.parse("2024-05-20T10:00:00.000Z");
const instant = fc.integer({ min: 0, max: 2 }).map((milliseconds) => new Date(START + milliseconds));
const id = fc
  .oneof(fc.stringMatching(/^[ -~]{1,12}$/), fc.stringMatching(/^conv_[0-9a-f]{4}$/))
  .filter((id) => !id.startsWith("turn_"));
const agents = [null, { name: "shop", version: null }, { name: "shop", version: "2" }, { name: "bank", version: "2" }];
const record = fc.record({
  id,
  createdAt: instant,
  updatedAt: instant,
  isolationKey: fc.constantFrom(null, "ann", "bob"),
  agent: fc.constantFrom(...agents),
});
const records = fc.uniqueArray(record, { maxLength: 40, selector: ({ id }) => id });

async function storeOnly(records: readonly ConversationRecord[]): Promise<void> {
  await removeAll(server.database);
  await store(server.database, records);
}

/** The ids in the order that plain SQL gives. */
async function sortedIds(
  field: string,
  direction: string,
  user: string | null,
  agent: string | null,
): Promise<string[]> {
  const column = field === "CREATED_AT" ? "created_at" : "updated_at";
  const rows = await server.database.rows<{ id: string }>(sql`
    SELECT c.id FROM conversations c JOIN conversation_heads h ON h.project_id = c.project_id AND h.conversation_id = c.id
    WHERE (${user}::text IS NULL OR c.isolation_key = ${user}) AND (${agent}::text IS NULL OR c.agent_name = ${agent})
    ORDER BY ${sql.raw(`${column} ${direction}, c.id ${direction}`)}`);
  return rows.map((row) => row.id);
}

test.each([
  { field: "CREATED_AT", direction: "DESC" },
  { field: "CREATED_AT", direction: "ASC" },
  { field: "UPDATED_AT", direction: "DESC" },
  { field: "UPDATED_AT", direction: "ASC" },
])("conversations by $field $direction: every row once, whichever way and in whatever pages", async (orderBy) => {
  const narrowing = fc.record({ user: fc.constantFrom(null, "ann"), agent: fc.constantFrom(null, "shop") });
  await fc.assert(
    fc.asyncProperty(records, narrowing, async (records, { user, agent }) => {
      await storeOnly(records.map(({ id, ...given }) => conversation(id, given)));
      const headers: Record<string, string> = user === null ? {} : { "x-ms-user-isolation-key": user };
      const read: Read = async (args) =>
        (await ask(server, LIST, { ...args, orderBy, filter: agent === null ? null : { agentName: agent } }, headers))
          .page;
      await walkAll(read, await sortedIds(orderBy.field, orderBy.direction, user, agent));
    }),
    { numRuns: 8 },
  );
});

const turnGiven = fc.oneof(
  fc.record({ role: fc.constant("user" as const), timestamp: instant }),
  fc.record({
    role: fc.constant("assistant" as const),
    state: fc.constantFrom("done" as const, "in-progress" as const, "stopped" as const),
    timestamp: instant,
  }),
);

test("turns: every one once and in the order in which they were said, whichever way and in whatever pages", async () => {
  const filters = [null, { role: "USER" }, { state: "DONE" }, { role: "ASSISTANT", state: "DONE" }];
  await fc.assert(
    fc.asyncProperty(fc.array(turnGiven, { maxLength: 60 }), fc.constantFrom(...filters), async (given, filter) => {
      // Ids that fall while positions rise: an order by id would show.
      const turns = given.map((given, index) => turn(`t${1000 - index}`, given));
      await storeOnly([conversation("other", { turns: [turn("x")] }), conversation("c", { turns })]);
      const wanted = turns.filter(
        ({ role, state = "done" }) =>
          (filter?.role === undefined || filter.role === role.toUpperCase()) &&
          (filter?.state === undefined || filter.state === state.toUpperCase()),
      );
      const read: Read = async (args) => (await ask(server, TURNS, { ...args, id: "c", filter })).conversation.page;
      await walkAll(
        read,
        wanted.map(({ id }) => id),
      );
    }),
    { numRuns: 15 },
  );
});
