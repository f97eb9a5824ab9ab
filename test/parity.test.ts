import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";

import type { ConversationRecord } from "../src/model/conversation-record.ts";
import { conversation, store, turn } from "./harness/conversations.ts";
import { type FixieTurn, getFixie, getFoundry } from "./harness/get-list.ts";
import { ask } from "./harness/graphql.ts";
import { startTestServer, type TestServer } from "./harness/server.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(() => server.close());

/** What every surface shows of a conversation; the turns as far as two of them do. */
interface Row {
  id: string;
  createdAt: number;
  metadata: Record<string, string>;
}

const START = Date.parse("2024-05-20T10:00:00.000Z");
const ROLES = ["user", "assistant"] as const;

// Few values each, so that ties, shared agents and shared users are the rule.
const drawn = fc.array(
  fc.record({
    ms: fc.constantFrom(0, 0, 1, 999, 1000, 86_400_000),
    agent: fc.constantFrom("x", "x:1", "x:2", "y:1", null),
    user: fc.constantFrom("one", "two", null),
    topic: fc.option(fc.string({ unit: "grapheme", maxLength: 20 }).filter((text) => !text.includes("\0"))),
    turns: fc.array(fc.constantFrom(...ROLES), { maxLength: 4 }),
  }),
  { minLength: 1, maxLength: 40, size: "max" },
);
const asked = fc.record({
  agent: fc.constantFrom("x", "x:1", "y", "y:1", "y:2"),
  user: fc.constantFrom("one", "two", "three", null),
  limit: fc.constantFrom(1, 3, 7, 100),
});

let runs = 0;

test("the same rows in the same order on all three surfaces, whatever is stored and asked", async () => {
  await fc.assert(
    fc.asyncProperty(drawn, asked, async (conversations, { agent, user, limit }) => {
      runs += 1;
      const run = `r${runs}-`;
      const records = conversations.map((one, index): ConversationRecord => {
        const [name, version = null] = one.agent?.split(":") ?? [];
        return conversation(`${run}${(index * 17) % 41}`, {
          createdAt: new Date(START + one.ms),
          agent: name === undefined ? null : { name: run + name, version },
          isolationKey: one.user === null ? null : run + one.user,
          metadata: one.topic === null ? {} : { topic: one.topic },
          turns: one.turns.map((role, position) => turn(`${run}${index}.${position}`, { role, text: `${position}` })),
        });
      });
      await store(server.database, records);
      const headers: Record<string, string> = user === null ? {} : { "x-ms-user-isolation-key": run + user };
      const [graph, foundry, fixie] = await Promise.all([
        readGraph(run + agent, limit, headers),
        readFoundry(run + agent, limit, headers),
        readFixie(run + agent, limit, headers),
      ]);
      const expected = conversations.flatMap((one, index) => {
        const isAsked =
          (one.agent === agent || one.agent?.split(":")[0] === agent) && (user === null || one.user === user);
        return isAsked ? [records[index]?.id] : [];
      });
      expect(new Set(graph.map(({ id }) => id))).toEqual(new Set(expected));
      expect(graph).toHaveLength(expected.length);
      expect(foundry).toEqual(graph.map(({ id, createdAt, metadata }): Row => ({ id, createdAt, metadata })));
      expect(fixie).toEqual(graph.map(({ id, turns }) => ({ id, turns })));
    }),
    { numRuns: 25 },
  );
});

async function readGraph(agentId: string, first: number, headers: Record<string, string>) {
  const query = `query ($agentId: String!, $first: Int!, $after: String) {
    conversations(first: $first, after: $after, filter: { agentId: $agentId }) {
      totalCount
      nodes { id createdAt metadata turns(first: 100) { nodes { id timestamp role messages { ... on TextFragment { content } } } } }
      pageInfo { hasNextPage endCursor }
    }
  }`;
  const rows: (Row & { turns: ReturnType<typeof shownTurn>[] })[] = [];
  for (let after: string | null = null, more = true; more; ) {
    const { conversations } = await ask(server, query, { agentId, first, after }, headers);
    for (const { id, createdAt, metadata, turns } of conversations.nodes) {
      const shown = turns.nodes.map((one: GraphTurn) => shownTurn({ ...one, role: one.role.toLowerCase() }));
      rows.push({ id, createdAt: Math.floor(Date.parse(createdAt) / 1000), metadata, turns: shown });
    }
    more = conversations.pageInfo.hasNextPage;
    after = conversations.pageInfo.endCursor;
    if (!more) expect(conversations.totalCount).toBe(rows.length);
  }
  return rows;
}

interface GraphTurn {
  id: string;
  timestamp: string;
  role: string;
  messages: { content: string }[];
}

async function readFoundry(agentId: string, limit: number, headers: Record<string, string>): Promise<Row[]> {
  const rows: Row[] = [];
  for (let after: string | undefined, more = true; more; ) {
    const query = { agent_id: agentId, limit: String(limit), ...(after !== undefined && { after }) };
    const { body } = await getFoundry(server, query, headers);
    rows.push(...body.data.map(({ id, created_at, metadata }) => ({ id, createdAt: created_at, metadata })));
    more = body.has_more;
    after = body.last_id;
  }
  return rows;
}

async function readFixie(agentId: string, limit: number, headers: Record<string, string>) {
  const rows: { id: string; turns: ReturnType<typeof shownTurn>[] }[] = [];
  for (let total = 1; rows.length < total; ) {
    const { body } = await getFixie(server, agentId, `limit=${limit}&offset=${rows.length}`, headers);
    total = body.pageInfo.totalResultCount;
    expect(body.conversations).toHaveLength(Math.min(limit, total - rows.length));
    rows.push(...body.conversations.map(({ id, turns }) => ({ id, turns: turns.map(toGraphTurn).map(shownTurn) })));
  }
  return rows;
}

function toGraphTurn({ messages, ...rest }: FixieTurn): GraphTurn {
  return { ...rest, messages: messages.map(({ content }) => ({ content: String(content) })) };
}

function shownTurn({ id, timestamp, role, messages }: GraphTurn): GraphTurn {
  return { id, timestamp, role, messages };
}
