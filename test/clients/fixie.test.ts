import { createRequire } from "node:module";

import { afterAll, beforeAll, expect, test } from "vitest";

import { conversation, store, text, turn } from "../harness/conversations.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

/** As much of the client as is tried: it has no method for the list, whose callers ask with requestJson. */
interface Client {
  getConversation(of: { agentId: string; conversationId: string }): Promise<ListedPage["conversations"][number]>;
  requestJson<Body>(path: string): Promise<Body>;
}

// Required, not imported: an import would put the sources that the package ships under this project's compiler options.
const require = createRequire(import.meta.url);
const {
  FixieClient,
}: {
  FixieClient: new (options: { url: string; apiKey?: string; headers?: Record<string, string> }) => Client;
} = require("fixie");

interface ListedPage {
  conversations: { id: string; turns: { id: string; messages: { kind: string }[] }[] }[];
  pageInfo: { requestedPageSize: number; requestedOffset: number; totalResultCount: number };
}

let server: TestServer;
let client: Client;

const RECORDS = Array.from({ length: 230 }, (_, index) =>
  conversation(`c${String(index).padStart(3, "0")}`, {
    agent: { name: "team/support", version: index % 2 === 0 ? "1" : "2" },
    isolationKey: index < 30 ? "alice" : null,
    turns: Array.from({ length: index % 8 }, (_unused, position) =>
      turn(`t${index}.${position}`, {
        role: "assistant",
        messages: [
          text("hello"),
          { kind: "functionCall" as const, name: "look", args: { at: { deep: [position] } } },
          { kind: "functionResponse" as const, name: "look", response: "10.5", failed: false },
        ].slice(0, position % 4),
      }),
    ),
  }),
);

beforeAll(async () => {
  server = await startTestServer();
  client = new FixieClient({ url: server.origin, apiKey: "any" });
  await store(server.database, RECORDS);
});

afterAll(() => server.close());

/** The list as callers of the client read it: page after page until one is not full. */
async function readAll(reader: Client, agentId: string, limit: number) {
  const conversations: ListedPage["conversations"] = [];
  for (let offset = 0; ; offset += limit) {
    const path = `/api/v1/agents/${agentId}/conversations?offset=${offset}&limit=${limit}`;
    const page = await reader.requestJson<ListedPage>(path);
    conversations.push(...page.conversations);
    expect(page.pageInfo).toMatchObject({ requestedPageSize: limit, requestedOffset: offset });
    if (page.conversations.length < limit) return { conversations, total: page.pageInfo.totalResultCount };
  }
}

test.each([1, 50, 100])("at %i a page it adds up to the total, with every turn and fragment", async (limit) => {
  const { conversations, total } = await readAll(client, "team%2Fsupport", limit);
  expect([conversations.length, total]).toEqual([230, 230]);
  const shape = (all: ListedPage["conversations"]) =>
    all.map(({ id, turns }) => [id, turns.map((one) => [one.id, one.messages.map(({ kind }) => kind)])]);
  expect(shape(conversations)).toEqual(shape(RECORDS.toReversed()));
});

test("without parameters it gets the first hundred", async () => {
  const page = await client.requestJson<ListedPage>("/api/v1/agents/team%2Fsupport/conversations");
  expect(page.conversations.map(({ id }) => id)).toEqual(
    RECORDS.slice(130)
      .reverse()
      .map(({ id }) => id),
  );
});

test("a version, and a user by a header of the client's own", async () => {
  const headers = { "x-ms-user-isolation-key": "alice" };
  const { total } = await readAll(new FixieClient({ url: server.origin, headers }), "team%2Fsupport:1", 10);
  expect(total).toBe(15);
  expect(await readAll(client, "nobody", 10)).toEqual({ conversations: [], total: 0 });
});

test("getConversation gets one conversation, as the list has it", async () => {
  const { conversations } = await readAll(client, "team%2Fsupport", 100);
  const [, listed] = conversations;
  const of = { agentId: "team%2Fsupport", conversationId: listed?.id ?? "" };
  expect(await client.getConversation(of)).toEqual(listed);
  await expect(client.getConversation({ ...of, conversationId: "gone" })).rejects.toMatchObject({ statusCode: 404 });
});

test("an error is its own, and carries the problem document as text", async () => {
  const failing = client.requestJson("/api/v1/agents/team%2Fsupport/conversations?limit=101");
  const error: unknown = await failing.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ name: "FixieClientError", statusCode: 400, statusText: "Bad Request" });
  const { detail } = error instanceof Error && "detail" in error ? error : { detail: null };
  expect(JSON.parse(String(detail))).toEqual({
    type: "about:blank",
    title: "Bad Request",
    status: 400,
    detail: "The parameter 'limit' must be an integer from 1 to 100.",
    param: "limit",
  });
});
