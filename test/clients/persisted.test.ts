import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ApolloClient, gql as apolloGql, HttpLink, InMemoryCache } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { Client, fetchExchange, gql } from "@urql/core";
import { persistedExchange } from "@urql/exchange-persisted";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";

import { ask } from "../harness/graphql.ts";
import { json, STRICT, send } from "../harness/send.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { runExample } from "./readme-example.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

/** A fetch that takes down what it sends: the method, and whether the document's text went with it. */
function createFetch() {
  const sent: string[] = [];
  const recording: typeof fetch = async (url, init) => {
    const response = await fetch(url, init);
    const hasText = /query(=|":)/.test(`${url}${init?.body ?? ""}`);
    sent.push(`${init?.method} ${hasText ? "text" : "hash"} ${response.status}`);
    return response;
  };
  return { sent, recording };
}

test("Apollo Client sends a hash, the text once, and afterwards asks by GET", async () => {
  const { sent, recording } = createFetch();
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
  const link = new PersistedQueryLink({ sha256, useGETForHashedQueries: true }).concat(
    new HttpLink({ uri: `${server.origin}/graphql`, fetch: recording }),
  );
  for (let client = 0; client < 2; client += 1) {
    const { data } = await new ApolloClient({ link, cache: new InMemoryCache() }).query({
      query: apolloGql("query FromApollo { conversations { totalCount } }"),
    });
    expect(data).toMatchObject({ conversations: { totalCount: 0 } });
  }
  expect(sent).toEqual(["GET hash 400", "POST text 200", "GET hash 200"]);
});

test("urql sends a hash, the text once, and afterwards asks by GET", async () => {
  const { sent, recording } = createFetch();
  for (let client = 0; client < 2; client += 1) {
    const exchanges = [persistedExchange({ preferGetForPersistedQueries: true }), fetchExchange];
    const { data, error } = await new Client({ url: `${server.origin}/graphql`, exchanges, fetch: recording }).query(
      gql("query FromUrql { conversations { totalCount } }"),
      {},
    );
    expect([error, data?.conversations.totalCount]).toEqual([undefined, 0]);
  }
  expect(sent).toEqual(["GET hash 400", expect.stringMatching(/^(GET|POST) text 200$/), "GET hash 200"]);
});

test.each([
  ["the client preset", "src/gql/persisted-documents.json", "documentId"],
  ["Relay", "persisted_queries.json", "doc_id"],
])(
  "the file that %s writes is trusted, and nothing else is answered",
  { timeout: 180_000 },
  async (tool, file, name) => {
    const example = await runExample(`Trusted documents of ${tool}`, server.origin);
    const folder = await mkdtemp(join(tmpdir(), "conversation-graph-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const documents = await example.read(file);
    await writeFile(join(folder, "documents.json"), documents);
    const settings = { PERSISTED_DOCUMENTS: join(folder, "documents.json"), PERSISTED_DOCUMENTS_ONLY: "1" };
    const trusting = await startTestServer(settings, server.url);
    onTestFinished(() => trusting.close());
    const [id] = Object.keys(JSON.parse(documents));
    const answer = await send(trusting, STRICT, "", json({ [name]: id, variables: { first: 1 } }));
    expect([answer.status, answer.body.data?.conversations.totalCount]).toEqual([200, 0]);
    expect((await send(trusting, STRICT, "", json({ query: "{ __typename }" }))).status).toBe(400);
    expect(await ask(server, "{ __typename }")).toEqual({ __typename: "Query" });
  },
);
