import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";

import { conversation, store } from "../harness/conversations.ts";
import { addItems, assistant, callApi, functionCall, user } from "../harness/conversations-api.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { append, create, says } from "../harness/writes.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const ITEMS = [
  user("hi"),
  assistant("yo"),
  functionCall("c", "f"),
  { type: "reasoning", summary: [] },
  { role: "system", content: "s" },
];
/** What is done to a conversation: items of one call, or a turn of GraphQL's with so many fragments. */
const STEP = fc.oneof(
  fc.array(fc.constantFrom(...ITEMS), { minLength: 1, maxLength: 4 }),
  fc.nat(3).map((fragments) => ({ fragments })),
);

interface Page {
  data: { id: string; type: string }[];
  first_id: string | null;
  last_id: string | null;
  has_more: boolean;
}

async function read(id: string, query: string): Promise<Page> {
  const { status, body, text } = await callApi(server, "GET", `/${id}/items?${query}`);
  expect([status, query, text]).toEqual([200, query, text]);
  return body;
}

/** The ids along the pages that follow each other, `after` by `after`. */
async function walk(id: string, query: string, limit: number): Promise<string[]> {
  const ids: string[] = [];
  for (let after = ""; ; ) {
    const page = await read(id, `${query}&limit=${limit}${after}`);
    ids.push(...page.data.map((item) => item.id));
    expect([page.first_id, page.last_id]).toEqual([page.data.at(0)?.id ?? null, page.data.at(-1)?.id ?? null]);
    if (!page.has_more) return ids;
    expect(page.data).toHaveLength(limit);
    after = `&after=${page.last_id}`;
  }
}

test("paging shows every item once, in both directions the same, whatever made the turns", {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(STEP, { maxLength: 6 }), fc.integer({ min: 1, max: 5 }), async (steps, limit) => {
      const id = await create(server);
      for (const step of steps) {
        if ("fragments" in step) {
          const turn = { ...says(""), role: "ASSISTANT" };
          const messages = Array.from({ length: step.fragments }, (_, index) => ({ text: { content: `${index}` } }));
          await append(server, { conversationId: id, turn: { ...turn, messages } });
        } else await addItems(server, id, step);
      }
      const all = (await read(id, "order=asc&limit=100")).data;
      const ids = all.map((item) => item.id);
      expect(new Set(ids).size).toBe(ids.length);
      const appended = steps.reduce(
        (sum, step) => sum + ("fragments" in step ? Math.max(step.fragments, 1) : step.length),
        0,
      );
      expect(ids).toHaveLength(appended);
      expect(await walk(id, "order=asc", limit)).toEqual(ids);
      expect(await walk(id, "order=desc", limit)).toEqual(ids.toReversed());
      for (const [index, place] of ids.entries()) {
        const before = await read(id, `order=asc&limit=${limit}&before=${place}`);
        expect(before.data.map((item) => item.id)).toEqual(ids.slice(Math.max(index - limit, 0), index));
        expect(before.has_more).toBe(index > limit);
      }
      for (const type of ["message", "function_call", "reasoning", "none"]) {
        const wanted = all.filter((item) => item.type === type).map((item) => item.id);
        expect(await walk(id, `order=asc&item_type=${type}`, limit)).toEqual(wanted);
        expect(await walk(id, `order=desc&item_type=${type}`, limit)).toEqual(wanted.toReversed());
      }
    }),
    { numRuns: 15 },
  );
});

test("after with before is a window where before lies behind, and before is ignored otherwise", async () => {
  const id = await create(server);
  const ids: string[] = (await addItems(server, id, ITEMS)).map((item: { id: string }) => item.id);
  const window = async (query: string) => {
    const { data, has_more } = await read(id, query);
    return [data.map((item) => ids.indexOf(item.id)), has_more];
  };
  const [first, second, , , last] = ids;
  expect(await window(`order=asc&after=${first}&before=${last}`)).toEqual([[1, 2, 3], false]);
  expect(await window(`order=asc&after=${first}&before=${last}&limit=2`)).toEqual([[1, 2], true]);
  expect(await window(`after=${last}&before=${first}`)).toEqual([[3, 2, 1], false]);
  // The official .NET client's second page: `before` names the first item of the page before.
  expect(await window(`order=asc&after=${second}&before=${first}&limit=2`)).toEqual([[2, 3], true]);
  expect(await window(`order=asc&after=${second}&before=gone`)).toEqual([[2, 3, 4], false]);
});

test("a page ends when it has passed 8 MiB, and holds at least one item", { timeout: 60_000 }, async () => {
  const id = await create(server);
  const long = "x".repeat(3_000_000);
  await addItems(
    server,
    id,
    Array.from({ length: 5 }, () => ({ type: "image_generation_call", result: long })),
  );
  const first = await read(id, "order=asc");
  expect([first.data.length, first.has_more]).toEqual([3, true]);
  const rest = await read(id, `order=asc&after=${first.last_id}`);
  expect([rest.data.length, rest.has_more]).toEqual([2, false]);
  await addItems(server, id, [{ type: "image_generation_call", result: "y".repeat(9_000_000) }]);
  const single = await read(id, "");
  expect([single.data.length, single.has_more]).toEqual([1, true]);
});

test("a page costs one statement, and one more with cursors", async () => {
  // One write: the watchers of other processes are notified of a second one some time later, by a statement.
  const id = "counted";
  await store(server.database, [conversation(id)]);
  const [item] = await addItems(server, id, ITEMS);
  expect(await server.countStatements(() => read(id, "limit=100"))).toBe(1);
  expect(await server.countStatements(() => read(id, `after=${item.id}&before=${item.id}`))).toBe(2);
});
