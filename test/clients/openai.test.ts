import OpenAI, { AzureOpenAI, BadRequestError, NotFoundError } from "openai";
import { ConversationCursorPage, CursorPage } from "openai/core/pagination";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { conversation, store } from "../harness/conversations.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

interface ListedConversation {
  id: string;
  object: "conversation";
  created_at: number;
  metadata: Record<string, string>;
}

let server: TestServer;
const ids = Array.from({ length: 28 }, (_, index) => `conv_${String(index).padStart(2, "0")}`);

beforeAll(async () => {
  server = await startTestServer();
  // All in one millisecond: only the ids order them.
  await store(
    server.database,
    ids.map((id, index) =>
      conversation(id, {
        agent: { name: "support", version: String(index % 2) },
        isolationKey: index < 10 ? "alice" : null,
        metadata: { index: String(index) },
      }),
    ),
  );
});

afterAll(() => server.close());

type Fetch = (url: string | URL | Request, init?: RequestInit) => Promise<Response>;

type SetUp = (settings: { apiKey: string; maxRetries: number; fetch: Fetch }) => OpenAI;

const OPENAI: SetUp = (settings) => new OpenAI({ ...settings, baseURL: `${server.origin}/openai/v1` });

/** The three ways in which the official client is set up for this list. */
const CLIENTS: [string, SetUp][] = [
  ["OpenAI", OPENAI],
  [
    "AzureOpenAI with an endpoint",
    (settings) => new AzureOpenAI({ ...settings, endpoint: server.origin, apiVersion: "2025-04-01-preview" }),
  ],
  [
    "AzureOpenAI with a project's base URL",
    (settings) =>
      new AzureOpenAI({
        ...settings,
        baseURL: `${server.origin}/api/projects/default/openai`,
        apiVersion: "2025-04-01-preview",
      }),
  ],
];
const PAGES = [
  ["ConversationCursorPage", ConversationCursorPage<ListedConversation>],
  ["CursorPage", CursorPage<ListedConversation>],
] as const;

/** The client and the URLs that it asks for. */
function setUp(create: SetUp): { client: OpenAI; urls: string[] } {
  const urls: string[] = [];
  const client = create({
    apiKey: "any",
    maxRetries: 0,
    fetch: (url, init) => {
      urls.push(String(url));
      return fetch(url, init);
    },
  });
  return { client, urls };
}

describe.each(CLIENTS)("%s", (_client, create) => {
  describe.each(PAGES)("paging with its %s", (_page, Page) => {
    test.each([
      [undefined, undefined, ids.toReversed(), 2],
      [1, "desc", ids.toReversed(), 28],
      [7, "asc", ids, 4],
      [10, "desc", ids.toReversed(), 3],
      [28, "asc", ids, 1],
      [100, "asc", ids, 1],
    ])(
      "limit %s, order %s: every conversation once, and no request too many",
      async (limit, order, expected, requests) => {
        const { client, urls } = setUp(create);
        const query = { ...(limit !== undefined && { limit }), ...(order !== undefined && { order }) };
        const found: string[] = [];
        for await (const { id } of client.getAPIList<ListedConversation, InstanceType<typeof Page>>(
          "/conversations",
          Page,
          {
            query,
          },
        )) {
          found.push(id);
        }
        expect(found).toEqual(expected);
        expect(urls).toHaveLength(requests);
      },
    );
  });

  test("filters and the user's key go through all pages", async () => {
    const { client } = setUp(create);
    const options = {
      query: { limit: 2, agent_id: "support:1" },
      headers: { "x-ms-user-isolation-key": "alice" },
    };
    const found: ListedConversation[] = [];
    for await (const one of client.getAPIList<ListedConversation, ConversationCursorPage<ListedConversation>>(
      "/conversations",
      ConversationCursorPage,
      options,
    )) {
      found.push(one);
    }
    expect(found.map(({ id }) => id)).toEqual(["conv_09", "conv_07", "conv_05", "conv_03", "conv_01"]);
    expect(found[0]).toEqual({
      id: "conv_09",
      object: "conversation",
      created_at: 1716199200,
      metadata: { index: "9" },
    });
  });

  test("errors become its own classes, with code, param, type and the request's id", async () => {
    const { client } = setUp(create);
    const limit = client.getAPIList("/conversations", CursorPage, { query: { limit: 1000 } });
    const tooMuch = await limit.then(unexpected, (error: unknown) => error);
    expect(tooMuch).toBeInstanceOf(BadRequestError);
    expect(tooMuch).toMatchObject({
      status: 400,
      code: "integer_above_max_value",
      param: "limit",
      type: "invalid_request_error",
      requestID: expect.stringMatching(/^req_[0-9a-f]{32}$/),
      message: "400 Invalid 'limit': integer above maximum value. Expected a value <= 100, but got 1000 instead.",
    });
    const after = client.getAPIList("/conversations", CursorPage, { query: { after: "conv_gone" } });
    const notFound = await after.then(unexpected, (error: unknown) => error);
    expect(notFound).toBeInstanceOf(NotFoundError);
    expect(notFound).toMatchObject({
      code: null,
      param: "after",
      requestID: expect.stringMatching(/^req_/),
      message: "404 Conversation with id 'conv_gone' not found.",
    });
  });
});

test("an empty list ends the iteration at once", async () => {
  const { client, urls } = setUp(OPENAI);
  const page = await client.getAPIList("/conversations", ConversationCursorPage<ListedConversation>, {
    query: { agent_name: "nobody" },
  });
  expect([page.data, page.has_more, page.hasNextPage()]).toEqual([[], false, false]);
  expect(urls).toHaveLength(1);
});

test("each client builds the path that is documented for it", async () => {
  const paths = await Promise.all(
    CLIENTS.map(async ([, create]) => {
      const { client, urls } = setUp(create);
      await client.getAPIList("/conversations", CursorPage);
      return urls.map((url) => url.slice(server.origin.length));
    }),
  );
  expect(paths.flat()).toEqual([
    "/openai/v1/conversations",
    "/openai/conversations?api-version=2025-04-01-preview",
    "/api/projects/default/openai/conversations?api-version=2025-04-01-preview",
  ]);
});

test("a resource that is not served is its NotFoundError", async () => {
  const { client } = setUp(OPENAI);
  const unknown = await client.models.list().then(unexpected, (error: unknown) => error);
  expect(unknown).toBeInstanceOf(NotFoundError);
  expect(unknown).toMatchObject({ message: "404 Invalid URL (GET /openai/v1/models)", param: null });
});

function unexpected(): never {
  throw new Error("The request was expected to fail.");
}
