import OpenAI, { AzureOpenAI, BadRequestError, ConflictError, NotFoundError } from "openai";
import OpenAI7, { BadRequestError as BadRequestError7, NotFoundError as NotFoundError7 } from "openai-7";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { startTestServer, type TestServer } from "../harness/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

type ErrorClass = abstract new (...parameters: never) => Error;

const API_VERSION = "2025-04-01-preview";

/** The official client of both major versions, at each mount of the API that it builds by itself or is given. */
const CLIENTS: [string, () => OpenAI | OpenAI7, ErrorClass, ErrorClass][] = [
  [
    "openai 6",
    () => new OpenAI({ apiKey: "any", maxRetries: 0, baseURL: `${server.origin}/openai/v1` }),
    NotFoundError,
    BadRequestError,
  ],
  [
    "openai 7",
    () => new OpenAI7({ apiKey: "any", maxRetries: 0, baseURL: `${server.origin}/openai/v1` }),
    NotFoundError7,
    BadRequestError7,
  ],
  [
    "AzureOpenAI with an endpoint",
    () => new AzureOpenAI({ apiKey: "any", maxRetries: 0, endpoint: server.origin, apiVersion: API_VERSION }),
    NotFoundError,
    BadRequestError,
  ],
  [
    "openai 6 at an agent's endpoint",
    () =>
      new OpenAI({
        apiKey: "any",
        maxRetries: 0,
        baseURL: `${server.origin}/api/projects/default/agents/weather:2/endpoint/protocols/openai`,
        defaultQuery: { "api-version": API_VERSION },
      }),
    NotFoundError,
    BadRequestError,
  ],
];

describe.each(CLIENTS)("%s", (_name, create, NotFound, BadRequest) => {
  test("every method of conversations and of their items", async () => {
    // Safe cast: both versions have these methods with these parameters; one call cannot be typed for their union.
    const { conversations } = create() as OpenAI;
    const made = await conversations.create({
      metadata: { topic: "weather" },
      items: [{ type: "message", role: "user", content: "Umbrella tomorrow?" }],
    });
    expect(made).toEqual({
      id: expect.stringMatching(/^conv_/),
      object: "conversation",
      created_at: expect.any(Number),
      metadata: { topic: "weather" },
    });
    expect(await conversations.retrieve(made.id)).toEqual(made);
    const updated = await conversations.update(made.id, { metadata: { topic: "rain" } });
    expect(updated).toEqual({ ...made, metadata: { topic: "rain" } });

    const added = await conversations.items.create(made.id, {
      items: [
        { type: "function_call", call_id: "call_1", name: "getForecast", arguments: '{"day":"tomorrow"}' },
        { type: "function_call_output", call_id: "call_1", output: '{"rain":0.9}' },
        { role: "assistant", content: "Yes, take one." },
      ],
    });
    expect(added.data.map(({ type }) => type)).toEqual(["function_call", "function_call_output", "message"]);
    expect([added.first_id, added.last_id, added.has_more]).toEqual([added.data[0]?.id, added.data[2]?.id, false]);

    const seen: unknown[] = [];
    for await (const item of conversations.items.list(made.id, { order: "asc", limit: 2 })) seen.push(item);
    expect(seen.slice(1)).toEqual(added.data);
    expect(seen[0]).toEqual({
      type: "message",
      role: "user",
      content: [{ type: "input_text", text: "Umbrella tomorrow?" }],
      id: expect.stringMatching(/^msg_/),
      status: "completed",
    });

    const [call, , answer] = added.data;
    const id = answer?.id ?? "";
    expect(await conversations.items.retrieve(id, { conversation_id: made.id })).toEqual(answer);
    expect(await conversations.items.delete(id, { conversation_id: made.id })).toEqual(updated);
    const gone = await conversations.items.retrieve(id, { conversation_id: made.id }).catch((error: unknown) => error);
    expect(gone).toBeInstanceOf(NotFound);
    expect(gone).toMatchObject({ message: `404 Item with id '${id}' not found in conversation.`, param: null });
    const page = await conversations.items.list(made.id, { limit: 1, after: call?.id ?? "", order: "asc" });
    expect(page.data.map((item) => item.type)).toEqual(["function_call_output"]);

    expect(await conversations.delete(made.id)).toEqual({
      id: made.id,
      object: "conversation.deleted",
      deleted: true,
    });
    const unknown = await conversations.delete(made.id).catch((error: unknown) => error);
    expect(unknown).toBeInstanceOf(NotFound);
    expect(unknown).toMatchObject({ message: `404 Conversation with id '${made.id}' not found.` });
  });

  test("a refused call is its own error, and nothing of it is stored", async () => {
    const { conversations } = create() as OpenAI;
    const { id } = await conversations.create();
    const refused = await conversations.items
      .create(id, {
        items: [
          { role: "user", content: "kept?" },
          { type: "function_call", call_id: "c".repeat(65), name: "f", arguments: "{}" },
        ],
      })
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(BadRequest);
    expect(refused).toMatchObject({ code: "string_above_max_length", param: "items[1].call_id" });
    expect((await conversations.items.list(id)).data).toEqual([]);
  });
});

test("what one mount writes the others read, but an agent's endpoint only its own agent's", async () => {
  const [openai, , azure, agent] = CLIENTS.map(([, create]) => create() as OpenAI);
  const mine = await agent?.conversations.create({ items: [{ role: "user", content: "hello" }] });
  const other = await openai?.conversations.create({ items: [{ role: "user", content: "hello" }] });
  expect((await openai?.conversations.items.list(mine?.id ?? ""))?.data).toHaveLength(1);
  expect((await azure?.conversations.retrieve(mine?.id ?? ""))?.id).toBe(mine?.id);
  await expect(agent?.conversations.retrieve(other?.id ?? "")).rejects.toBeInstanceOf(NotFoundError);
});

test("a retried call with the same idempotency key answers what the first did; another call with it is a conflict", async () => {
  const client = new OpenAI({ apiKey: "any", maxRetries: 0, baseURL: `${server.origin}/openai/v1` });
  // Its own option of that name is sent by none of its methods.
  const once = { headers: { "idempotency-key": "send-1" } };
  const body = { items: [{ role: "user" as const, content: "once" }] };
  const first = await client.conversations.create(body, once);
  expect(await client.conversations.create(body, once)).toEqual(first);
  const other = client.conversations.create({ items: [{ role: "user", content: "twice" }] }, once);
  await expect(other).rejects.toBeInstanceOf(ConflictError);
  expect((await client.conversations.items.list(first.id)).data).toHaveLength(1);
});
