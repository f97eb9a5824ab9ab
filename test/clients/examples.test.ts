import { afterAll, beforeAll, expect, test } from "vitest";

import { loadSamples } from "../../src/commands/samples.ts";
import { SAMPLE_CONVERSATIONS } from "../../src/seed/sample-conversations.ts";
import { ask } from "../harness/graphql.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { runExample } from "./readme-example.ts";

// Each test starts compilers of its own, on a machine that other tests use too.
const TIME = { timeout: 180_000 };

/** Ids and times of all sample conversations, newest first. */
const SAMPLES = SAMPLE_CONVERSATIONS.map(({ id, createdAt }) => ({ id, createdAt: createdAt.toISOString() })).sort(
  (one, other) => other.createdAt.localeCompare(one.createdAt),
);
const NEWEST = SAMPLES.slice(0, 5).map(({ id, createdAt }) => `${id} ${createdAt}`);
const ALL = SAMPLES.map(({ id }) => id);

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await loadSamples(server.database);
});
afterAll(() => server.close());

test("graphql-codegen's client preset: the types are the schema's, and the document runs", TIME, async () => {
  const example = await runExample("graphql-codegen", server.origin);
  expect(example.output).toEqual(NEWEST);
  await example.write(
    "src/misuse.ts",
    `import type { NewestQuery } from "./gql/graphql.ts";
    export function misuse(node: NewestQuery["conversations"]["nodes"][number]): unknown[] {
      const [fragment] = node.turns.nodes[0]?.messages ?? [];
      const title: string | undefined = node.metadata["title"];
      // @ts-expect-error a string
      const time: number = node.createdAt;
      // @ts-expect-error not in the document
      const agent = node.agent;
      // @ts-expect-error not before the kind is known
      const content = fragment?.content;
      return [title, time, agent, content, fragment?.__typename === "TextFragment" ? fragment.content : null];
    }`,
  );
  expect(await example.typeFaults()).toBe("");
});

test("Relay's compiler: its pagination queries walk both connections to the end", TIME, async () => {
  const example = await runExample("Relay", server.origin);
  const walk = async (artifact: string, variables: object, pick: (data: Page) => Connection) => {
    const [, text = ""] = /"text": (".*")/.exec(await example.read(`src/__generated__/${artifact}.graphql.ts`)) ?? [];
    const ids: string[] = [];
    for (let cursor: string | null = null; ; ) {
      const { edges, pageInfo } = pick(await ask(server, JSON.parse(text), { ...variables, count: 2, cursor }));
      ids.push(...edges.map(({ node }) => node.id));
      if (!pageInfo.hasNextPage) return ids;
      cursor = pageInfo.endCursor;
    }
  };
  expect(await walk("ConversationListPaginationQuery", {}, ({ conversations }) => conversations)).toEqual(ALL);
  const [longest] = SAMPLE_CONVERSATIONS.toSorted((one, other) => other.turns.length - one.turns.length);
  expect(await walk("TurnListPaginationQuery", { id: longest?.id }, ({ node }) => node.turns)).toEqual(
    longest?.turns.map(({ id }) => id),
  );
  await example.write(
    "src/misuse.ts",
    `import type { TurnList_conversation$data } from "./__generated__/TurnList_conversation.graphql.ts";
    export function misuse({ turns }: TurnList_conversation$data): unknown[] {
      const [edge] = turns.edges;
      const [fragment] = edge?.node.messages ?? [];
      // @ts-expect-error not in the fragment
      const position = edge?.node.position;
      // @ts-expect-error an enum
      const role: "NOBODY" | undefined = edge?.node.role;
      return [position, role, fragment?.__typename === "TextFragment" ? fragment.content : null];
    }`,
  );
  expect(await example.typeFaults()).toBe("");
});

interface Connection {
  edges: { node: { id: string } }[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

interface Page {
  conversations: Connection;
  node: { turns: Connection };
}

test("gql.tada: the types are the schema's, and the document runs", TIME, async () => {
  const example = await runExample("gql.tada", server.origin);
  expect(example.output).toEqual(NEWEST);
  await example.write(
    "src/misuse.ts",
    `import type { ResultOf, VariablesOf } from "gql.tada";
    import type { Newest } from "./newest.ts";
    export function misuse(node: ResultOf<typeof Newest>["conversations"]["nodes"][number]): unknown[] {
      // @ts-expect-error a string
      const time: number = node.createdAt;
      // @ts-expect-error not in the document
      const agent = node.agent;
      // @ts-expect-error an integer
      const variables: VariablesOf<typeof Newest> = { first: "5" };
      return [time, agent, variables];
    }`,
  );
  expect(await example.typeFaults()).toBe("");
});

test.each([["Apollo Client"], ["urql"]])("%s pages to the end through its cache", TIME, async (heading) => {
  const example = await runExample(heading, server.origin);
  expect(example.output).toEqual(ALL);
  expect(await example.typeFaults()).toBe("");
});

test("openapi-typescript: a client with its types reads both lists", TIME, async () => {
  const example = await runExample("openapi-typescript, for the REST lists", server.origin);
  expect(example.output.slice(0, ALL.length).map((line) => line.split(" ")[0])).toEqual(ALL);
  expect(example.output.slice(ALL.length)).toContain("getOrderStatus { orderId: 'ORD-40966' }");
  await example.write(
    "src/misuse.ts",
    `import type { components, paths } from "./openapi.d.ts";
    type Query = paths["/openai/v1/conversations"]["get"]["parameters"]["query"];
    export function misuse(page: components["schemas"]["FixiePage"], query: Query): unknown[] {
      const [turn] = page.conversations[0]?.turns ?? [];
      const detail: string | undefined = turn?.errorDetail;
      // @ts-expect-error one of two words
      const wrong: Query = { order: "up" };
      // @ts-expect-error a fragment's member, not a turn's
      const content = turn?.content;
      return [detail, wrong, content, query?.after];
    }`,
  );
  expect(await example.typeFaults()).toBe("");
});
