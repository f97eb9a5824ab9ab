import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";

import type { ConversationRecord } from "../../src/model/conversation-record.ts";
import { conversation, store, turn } from "../harness/conversations.ts";
import { readMetrics } from "../harness/metrics.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { type Draw, drawing } from "./draw.ts";
import { AGENTS, randomConversations } from "./random-conversations.ts";

// Both REST lists are asked of two servers, one of which has no compiled documents. They have to say the same, byte for byte.

const REQUESTS = 400;
const USERS = [null, "ann", "bob"];
// A few hundred turns come at a time, the first hundred with the page.
const LONG_TURNS = 1_250;

let compiled: TestServer;
let resolved: TestServer;
let stored: ConversationRecord[];
beforeAll(async () => {
  compiled = await startTestServer({ METRICS: "1" });
  resolved = await startTestServer({ METRICS: "1", COMPILE_DOCUMENTS: "0" }, compiled.url);
  stored = USERS.flatMap((user) => fc.sample(randomConversations(`${user}-`, 25, user), { numRuns: 1 }).flat());
  const turns = Array.from({ length: LONG_TURNS }, (_, index) =>
    turn(`long-${index}`, { text: `${index}`.repeat(50) }),
  );
  await store(compiled.database, [...stored, conversation("long", { agent: { name: "long", version: null }, turns })]);
});
afterAll(async () => {
  await resolved.close();
  await compiled.close();
});

interface ListRequest {
  path: string;
  user: string | null;
}

function drawRequest(draw: Draw): ListRequest {
  const user = draw.of(...USERS);
  return { user, path: draw.chance(0.5) ? drawFoundry(draw) : drawFixie(draw) };
}

function drawFoundry(draw: Draw): string {
  const id = () =>
    draw.of(...stored.map((one) => one.id), ...stored.flatMap(({ turns }) => turns.map((one) => one.id)), "no");
  return `/openai/v1/conversations?${drawQuery(draw, {
    limit: () => draw.of("1", "3", "100", "0", "x"),
    order: () => draw.of("asc", "desc", "no"),
    after: id,
    before: id,
    agent_name: () => draw.of(...AGENTS, "none"),
    agent_id: () => draw.of("shop:1", "desk", "none"),
  })}`;
}

function drawFixie(draw: Draw): string {
  const agent = draw.of(...AGENTS, "shop:1", "desk:2", "none");
  return `/api/v1/agents/${encodeURIComponent(agent)}/conversations?${drawQuery(draw, {
    limit: () => draw.of("1", "3", "100", "0", "x"),
    offset: () => draw.of("0", "2", "10", "-1"),
  })}`;
}

function drawQuery(draw: Draw, parameters: Record<string, () => string>): URLSearchParams {
  const given = Object.entries(parameters).filter(() => draw.chance(0.3));
  return new URLSearchParams(given.map(([name, value]) => [name, value()]));
}

async function get(server: TestServer, { path, user }: ListRequest) {
  const response = await fetch(server.origin + path, {
    headers: user === null ? {} : { "x-ms-user-isolation-key": user },
  });
  return { status: response.status, type: response.headers.get("content-type"), text: await response.text() };
}

async function compare(request: ListRequest): Promise<{ status: number; text: string }> {
  const [fast, slow] = await Promise.all([get(compiled, request), get(resolved, request)]);
  expect(fast, JSON.stringify(request)).toEqual(slow);
  return slow;
}

test(`${REQUESTS} random requests of both lists say the same compiled and resolved, byte for byte`, async () => {
  const counts = { pages: 0, empty: 0, errors: 0 };
  await fc.assert(
    fc.asyncProperty(drawing(drawRequest), async (request) => {
      const { status, text } = await compare(request);
      const isEmpty = text.startsWith('{"data":[]') || text.startsWith('{"conversations":[]');
      counts[status !== 200 ? "errors" : isEmpty ? "empty" : "pages"] += 1;
    }),
    { numRuns: REQUESTS, endOnFailure: true },
  );
  expect(Math.min(counts.pages / 3, counts.empty, counts.errors)).toBeGreaterThan(REQUESTS / 40);
}, 120_000);

test("a long conversation is sent to its end, the same in both ways", async () => {
  const { text } = await compare({ path: "/api/v1/agents/long/conversations", user: null });
  expect(JSON.parse(text).conversations[0].turns).toHaveLength(LONG_TURNS);
});

test("without compiled documents both lists come from the resolvers", async () => {
  const form = async (server: TestServer, name: string) =>
    (await readMetrics(server.origin)).get(`conversation_graph_documents_total{form="${name}"}`) ?? 0;
  expect([await form(compiled, "resolved"), await form(resolved, "compiled")]).toEqual([0, 0]);
  expect(await form(resolved, "resolved")).toBeGreaterThan(REQUESTS / 2);
});
