import { ApolloClient, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { afterAll, beforeAll, expect, test } from "vitest";

import { json } from "../harness/send.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { append, create, says } from "../harness/writes.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ MAX_SUBSCRIPTIONS: "2" });
});
afterAll(() => server.close());

const WATCH = `subscription ($id: ID!) {
  turnChanged(conversationId: $id, afterRevision: 0) { turn { position messages { ... on TextFragment { content } } } }
}`;

function open(accept: string, id: string, signal?: AbortSignal): Promise<Response> {
  const init = json({ query: WATCH, variables: { id } });
  return fetch(`${server.origin}/graphql`, {
    ...init,
    headers: { ...init.headers, accept },
    ...(signal && { signal }),
  });
}

test("Apollo Client's HttpLink hears every change until it leaves", async () => {
  const client = new ApolloClient({
    link: new HttpLink({ uri: `${server.origin}/graphql` }),
    cache: new InMemoryCache(),
  });
  const id = await create(server, { turns: [says("word 1")] });
  const heard: unknown[] = [];
  const [second, third] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const watching = client.subscribe({ query: gql(WATCH), variables: { id } }).subscribe({
    next: ({ data, error }) => {
      heard.push(error ?? data);
      if (heard.length === 1) second.resolve();
      if (heard.length === 2) third.resolve();
    },
    error: third.reject,
  });
  await second.promise;
  await append(server, { conversationId: id, turn: says("word 2") });
  await third.promise;
  watching.unsubscribe();
  expect(heard).toMatchObject([
    { turnChanged: { turn: { position: 1, messages: [{ content: "word 1" }] } } },
    { turnChanged: { turn: { position: 2, messages: [{ content: "word 2" }] } } },
  ]);
  const refused = Promise.withResolvers<unknown>();
  client.subscribe({ query: gql(WATCH), variables: { id: "conv_none" } }).subscribe({
    next: ({ error }) => refused.resolve(error),
    error: refused.reject,
  });
  expect(String(await refused.promise)).toContain("There is no conversation with this id.");
});

test("each change is a part with its payload, and a deleted conversation's last boundary ends the body", async () => {
  const id = await create(server, { turns: [says("word 1")] });
  const response = await open("multipart/mixed;boundary=graphql;subscriptionSpec=1.0, application/json", id);
  expect(response.headers.get("content-type")).toBe('multipart/mixed;boundary="graphql";subscriptionSpec=1.0');
  await fetch(`${server.origin}/graphql`, json({ query: DELETE, variables: { id } }));
  const parts = (await response.text()).split("\r\n--graphql");
  expect([parts[0], parts.at(-1)]).toEqual(["", "--\r\n"]);
  const bodies = parts.slice(1, -1).map((part) => part.split("\r\n\r\n"));
  expect(bodies.map(([head]) => head)).toEqual(bodies.map(() => "\r\ncontent-type: application/json"));
  expect(bodies.length).toBeGreaterThan(0);
  for (const [, body = ""] of bodies) expect(Object.keys(JSON.parse(body))).toEqual(["payload"]);
});

const DELETE = "mutation ($id: ID!) { deleteConversation(input: { id: $id }) { deletedConversationId } }";

test("a subscription in no stream's media type is 406 with what to ask for, and leaves nothing open", async () => {
  const id = await create(server, { turns: [says("word 1")] });
  for (const accept of ["application/json", "application/graphql-response+json", "image/png"]) {
    const response = await open(accept, id);
    const type = accept === "image/png" ? "application/json" : accept;
    expect([response.status, response.headers.get("content-type")]).toEqual([406, `${type}; charset=utf-8`]);
    expect(await response.json()).toMatchObject({
      errors: [
        {
          message: expect.stringContaining("text/event-stream or multipart/mixed"),
          extensions: { code: "NOT_ACCEPTABLE", requestId: response.headers.get("x-request-id") },
        },
      ],
    });
  }
  const leaving = new AbortController();
  expect((await open("text/event-stream, multipart/mixed", id, leaving.signal)).headers.get("content-type")).toBe(
    "text/event-stream",
  );
  leaving.abort();
});
