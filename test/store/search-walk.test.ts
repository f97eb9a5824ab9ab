import { sql } from "drizzle-orm";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";

import type { ConversationRecord } from "../../src/model/conversation-record.ts";
import { parsePage } from "../../src/relay/page.ts";
import { readConversations } from "../../src/store/read/conversations.ts";
import { SAMPLED, SAMPLED_TURNS, WALKED } from "../../src/store/read/first-searched.ts";
import { parseSearch } from "../../src/store/read/search.ts";
import { HIT_ORDER, searchTurns } from "../../src/store/read/turn-hits.ts";
import { conversation, store, text, turn } from "../harness/conversations.ts";
import { ask } from "../harness/graphql.ts";
import { describeOnOneMachine, testOnOneMachine } from "../harness/one-machine.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { plansOf, rowsTouched } from "./plans.ts";

const CONVERSATIONS = WALKED + 600;
const TURNS = 2;
const USERS = ["ann", "bob", null];
const AGENTS = ["shop", "bank", null];

/** Words, each with the conversations that say it: of all frequencies, and such as only the oldest say, or the newest. */
const SAID_IN: Record<string, (index: number) => boolean> = {
  always: () => true,
  half: (index) => index % 2 === 0,
  tenth: (index) => index % 10 === 3,
  fiftieth: (index) => index % 50 === 7,
  hundredth: (index) => index % 100 === 11,
  rare: (index) => index % 1000 === 77,
  old: (index) => index < CONVERSATIONS / 4,
  oldest: (index) => index < 40,
  newest: (index) => index >= CONVERSATIONS - 40,
  never: () => false,
};
const VOCABULARY = Object.keys(SAID_IN);

function record(index: number): ConversationRecord {
  const words = VOCABULARY.filter((word) => SAID_IN[word]?.(index));
  // In an order of each conversation's own, for phrases.
  const turned = [...words.slice(index % words.length), ...words.slice(0, index % words.length)];
  // Some conversations are of the same instant, and some are updated long after they were created.
  const createdAt = new Date(Date.UTC(2024, 0, 1) + (index >> 1) * 3_600_000);
  return conversation(`c${index}`, {
    createdAt,
    updatedAt: new Date(createdAt.getTime() + (index % 7) * 400 * 3_600_000),
    isolationKey: USERS[index % 3] ?? null,
    agent: AGENTS[index % 5] == null ? null : { name: String(AGENTS[index % 5]), version: null },
    turns: Array.from({ length: TURNS }, (_, place) => {
      const said = text(place === 0 ? turned.join(" ") : `reply ${index} ${"and so on ".repeat(60)}`);
      // Fewer than are searched at most.
      const open = place === 0 && index % 61 === 0;
      return turn(`t${index}.${place}`, { messages: [said], ...(open && { role: "assistant", state: "in-progress" }) });
    }),
  });
}

const records = Array.from({ length: CONVERSATIONS }, (_, index) => record(index));
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  for (let from = 0; from < CONVERSATIONS; from += 200) await store(server.database, records.slice(from, from + 200));
  await server.database.rows(sql`ANALYZE`);
}, 60_000);
afterAll(() => server.close());

const word = fc.constantFrom(...VOCABULARY);
const term = fc.record({
  words: fc.oneof({ weight: 4, arbitrary: fc.tuple(word) }, { weight: 1, arbitrary: fc.tuple(word, word) }),
  excluded: fc.integer({ max: 4, min: 0 }).map((number) => number === 0),
});
const asked = fc.record({
  search: fc.array(fc.array(term, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 2 }),
  user: fc.constantFrom(null, null, "ann"),
  agentName: fc.constantFrom(undefined, undefined, "shop"),
  orderBy: fc.record({
    field: fc.constantFrom("CREATED_AT" as const, "UPDATED_AT" as const),
    direction: fc.constantFrom("ASC" as const, "DESC" as const),
  }),
  first: fc.constantFrom(7, 20, 100),
  backward: fc.boolean(),
});
type Asked = typeof asked extends fc.Arbitrary<infer Value> ? Value : never;

/** What a reader of all conversations would find, in the list's order. */
function expected({ search, user, agentName, orderBy }: Asked): string[] {
  const says = ({ turns }: ConversationRecord, { words, excluded }: Asked["search"][number][number]) => {
    const texts = turns.map(({ messages: [said] }) => (said?.kind === "text" ? ` ${said.content} ` : ""));
    return texts.some((content) => content.includes(` ${words.join(" ")} `)) !== excluded;
  };
  const instant = (each: ConversationRecord) =>
    (orderBy.field === "CREATED_AT" ? each.createdAt : each.updatedAt).getTime();
  const found = records.filter(
    (each) =>
      (user === null || each.isolationKey === user) &&
      (agentName === undefined || each.agent?.name === agentName) &&
      search.some((terms) => terms.every((one) => says(each, one))),
  );
  found.sort((one, other) => instant(one) - instant(other) || (one.id < other.id ? -1 : 1));
  return (orderBy.direction === "ASC" ? found : found.reverse()).map(({ id }) => id);
}

const LIST = `query ($filter: ConversationFilter, $orderBy: ConversationOrder, $first: Int, $last: Int, $after: String, $before: String) {
  conversations(filter: $filter, orderBy: $orderBy, first: $first, last: $last, after: $after, before: $before) {
    nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;
const TOTAL = "query ($filter: ConversationFilter) { conversations(filter: $filter) { totalCount } }";

async function walk({ search, user, agentName, orderBy, first, backward }: Asked): Promise<string[]> {
  const written = search.map((terms) =>
    terms.map(({ words, excluded }) => `${excluded ? "-" : ""}"${words.join(" ")}"`).join(" "),
  );
  const filter = { search: written.join(" or "), agentName };
  const headers: Record<string, string> = user === null ? {} : { "x-ms-user-isolation-key": user };
  const { totalCount } = (await ask(server, TOTAL, { filter }, headers)).conversations;
  const ids: string[] = [];
  for (let cursor: string | null = null, more = true; more; ) {
    const page: object = backward ? { last: first, before: cursor } : { first, after: cursor };
    const { conversations } = await ask(server, LIST, { filter, orderBy, ...page }, headers);
    const { hasNextPage, hasPreviousPage, startCursor, endCursor } = conversations.pageInfo;
    expect(backward ? hasNextPage : hasPreviousPage).toBe(cursor !== null);
    ids.splice(backward ? 0 : ids.length, 0, ...conversations.nodes.map(({ id }: { id: string }) => id));
    cursor = backward ? startCursor : endCursor;
    more = backward ? hasPreviousPage : hasNextPage;
  }
  expect(totalCount).toBe(ids.length);
  return ids;
}

test("a search finds what a reader of all conversations would, each once, in the list's order", async () => {
  const holds = async (each: Asked) => {
    expect(await walk(each)).toEqual(expected(each));
  };
  await fc.assert(fc.asyncProperty(asked, holds), { numRuns: 40 });
}, 120_000);

const HITS = `query ($search: String!, $filter: ConversationFilter, $first: Int, $after: String) {
  searchTurns(search: $search, filter: $filter, first: $first, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } }
}`;

test.each(VOCABULARY)("the turns that say %s are found, each once, in the order of the list", async (said) => {
  for (const [user, agentName] of [[null], [null, "shop"], ["ann"]] as const) {
    const headers: Record<string, string> = user === null ? {} : { "x-ms-user-isolation-key": user };
    const ids: string[] = [];
    for (let after: string | null = null, more = true; more; ) {
      const variables: Record<string, unknown> = { search: `"${said}"`, filter: { agentName }, first: 100, after };
      const { nodes, pageInfo }: { nodes: { id: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } } = (
        await ask(server, HITS, variables, headers)
      ).searchTurns;
      ids.push(...nodes.map(({ id }) => id));
      after = pageInfo.endCursor;
      more = pageInfo.hasNextPage;
    }
    const term = { words: [said] as [string], excluded: false };
    const orderBy = { field: "CREATED_AT", direction: "DESC" } as const;
    const conversations = expected({
      search: [[term]],
      user: user as "ann" | null,
      agentName,
      orderBy,
      first: 7,
      backward: false,
    });
    expect(ids).toEqual(conversations.map((id) => `t${id.slice(1)}.0`));
  }
});

// EXPLAIN shows what a worker does as one task, by the names of its shards.
describeOnOneMachine.each(["CREATED_AT", "UPDATED_AT"] as const)("by %s a page costs", (field) => {
  const page = parsePage({ first: 20 }, { field, direction: "DESC" }, 100);
  const scope = { projectId: "default", isolationKey: null };
  const open = Math.ceil(CONVERSATIONS / 61);

  test.each([
    ["a walk to the last of its rows, for a word that many say", "half", 3 * 20],
    ["a sample and the word's turns, for one that few say", "rare", SAMPLED + 3],
    ["a sample, for one that is nowhere", "never", SAMPLED],
    ["a walk to the last of its rows, for all but a rare word", "-rare", 2 * 20],
  ])("%s", async (_name, words, conversations) => {
    const filter = { search: parseSearch(words) };
    const plans = await plansOf(server.database, (executor) => readConversations(executor, scope, filter, page));
    expect(rowsTouched(plans, "turns")).toBeLessThanOrEqual(TURNS * conversations + open);
  });
});

// EXPLAIN shows what a worker does as one task, by the names of its shards.
testOnOneMachine.each(["rare", "old", "never"])(
  "a page of the turns that say %s leads to their conversations alone",
  async (said) => {
    const page = parsePage({ first: 20 }, HIT_ORDER, 100);
    const scope = { projectId: "default", isolationKey: null };
    const budget = { pageBytes: 1e7, take: () => {} };
    const hits = records.filter((_each, index) => SAID_IN[said]?.(index)).length;
    const plans = await plansOf(server.database, (executor) =>
      searchTurns(executor, scope, parseSearch(said), {}, page, budget),
    );
    expect(rowsTouched(plans, "conversations")).toBeLessThanOrEqual(SAMPLED + 1 + hits);
  },
);

// EXPLAIN shows what a worker does as one task, by the names of its shards.
testOnOneMachine(
  "conversations too long to be looked at one after the other are not: their words come from the index",
  async () => {
    await server.database.rows(sql`
    UPDATE conversation_heads SET turn_count = ${SAMPLED_TURNS}::integer + 1, revision = ${SAMPLED_TURNS}::integer + 1
    WHERE conversation_id = ${`c${CONVERSATIONS - 1}`}`);
    const page = parsePage({ first: 20 }, { field: "CREATED_AT", direction: "DESC" }, 100);
    const scope = { projectId: "default", isolationKey: null };
    const filter = { search: parseSearch("never") };
    const plans = await plansOf(server.database, (executor) => readConversations(executor, scope, filter, page));
    expect(rowsTouched(plans, "turns")).toBeLessThanOrEqual(Math.ceil(CONVERSATIONS / 61));
  },
);
