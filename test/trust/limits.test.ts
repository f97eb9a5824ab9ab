import { getIntrospectionQuery, Lexer, Source, TokenKind } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { json, LEGACY, MEDIA_TYPES, STRICT, send } from "../harness/send.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const times = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => text(index)).join(" ");

/** That many fields, one in the other. */
const nest = (depth: number) => {
  const inner = Array.from(
    { length: depth - 2 },
    (_, index) => ["turns(first: 1)", "nodes", "conversation"][index % 3],
  );
  return ['conversation(id: "x")', ...inner, "__typename"].join(" { ") + " }".repeat(depth - 1);
};

/** As many objects as pages multiply to: 10,100 twice, 4,800 and `more`. */
const pages = (more: number) => {
  const page = (alias: string, outer: number, inner: number) =>
    `${alias}: conversations(first: ${outer}) { nodes { turns(last: ${inner}) { edges { node { id } } } } }`;
  return `${page("a", 100, 100)} ${page("b", 100, 100)} ${page("c", 48, 99)} ${times(more, () => 'node(id: "x") { id }')}`;
};

/** What a query selects that just keeps to a limit, and what is just over it. */
const LIMITS: [name: string, within: string, over: string, message: string][] = [
  ["aliases", times(15, (i) => `a${i}: __typename`), times(16, (i) => `a${i}: __typename`), "up to 15 aliases"],
  ["fields in each other", nest(12), nest(13), "up to 12 deep"],
  [
    "directives",
    times(8, () => "__typename @skip(if: false)"),
    times(9, () => "__typename @skip(if: false)"),
    "up to 8 directives",
  ],
  ["objects", pages(0), pages(1), "up to 25000 objects, not 25001"],
];

/** The same selection in every form that a document can give it. */
const FORMS: [name: string, (selection: string) => string][] = [
  ["inline", (selection) => `{ ${selection} }`],
  ["in an inline fragment", (selection) => `{ ... { ... on Query { ${selection} } } }`],
  ["in a fragment", (selection) => `{ ...F } fragment F on Query { ${selection} }`],
  [
    "in a fragment of a fragment",
    (selection) => `{ ...G } fragment F on Query { ${selection} } fragment G on Query { ...F }`,
  ],
];

function get(query: string): string {
  return `?${new URLSearchParams({ query })}`;
}

async function expectRefusal(accept: string, path: string, init: RequestInit, message: string) {
  const { status, body } = await send(server, accept, path, init);
  expect(body).not.toHaveProperty("data");
  const errors = [{ message: expect.stringContaining(message), extensions: { code: "LIMIT_EXCEEDED" } }];
  expect({ status, body }).toMatchObject({ status: 400, body: { errors } });
  expect(body.errors).toHaveLength(1);
}

describe.each(LIMITS)("%s", (_name, within, over, message) => {
  test.each(FORMS)("just within and just over, %s", async (_form, toQuery) => {
    for (const accept of MEDIA_TYPES) {
      for (const [path, init] of [["", json({ query: toQuery(within) })], [get(toQuery(within))]] as const) {
        const { status, body } = await send(server, accept, path, init);
        expect({ status, body }).toMatchObject({ status: 200, body: { data: expect.any(Object) } });
        expect(body).not.toHaveProperty("errors");
      }
      await expectRefusal(accept, "", json({ query: toQuery(over) }), message);
      await expectRefusal(accept, get(toQuery(over)), {}, message);
    }
  });
});

test.each(FORMS)("tokens, just within and just over, %s", async (_form, toQuery) => {
  const room = 1000 - countTokens(toQuery(""));
  const [within, over] = [toQuery(select(room)), toQuery(select(room + 1))];
  for (const accept of MEDIA_TYPES) {
    expect(await send(server, accept, "", json({ query: within }))).toMatchObject({ status: 200, body: { data: {} } });
    expect(await send(server, accept, get(within))).toMatchObject({ status: 200, body: { data: {} } });
    await expectRefusal(accept, "", json({ query: over }), "up to 1000 tokens");
    await expectRefusal(accept, get(over), {}, "up to 1000 tokens");
  }
});

/** A selection of that many tokens. */
function select(tokens: number): string {
  const list = `nodes(ids: [${times(100, () => "1")}]) { __typename }`;
  const each = countTokens(list);
  return `${times(Math.floor(tokens / each), () => list)} ${times(tokens % each, () => "__typename")}`;
}

function countTokens(query: string): number {
  const lexer = new Lexer(new Source(query));
  let count = 0;
  while (lexer.advance().kind !== TokenKind.EOF) count += 1;
  return count;
}

test("a fragment counts as often as it is used", async () => {
  const used = (times: number, fragment: string) => `{ ${"...F ".repeat(times)} } fragment F on Query { ${fragment} }`;
  const page = "conversations(first: 100) { nodes { turns(first: 100) { nodes { id } } } }";
  expect(await send(server, STRICT, "", json({ query: used(2, page) }))).toMatchObject({ status: 200 });
  await expectRefusal(STRICT, "", json({ query: used(3, page) }), "not 30300");
  await expectRefusal(
    STRICT,
    "",
    json({
      query: used(
        2,
        times(8, (i) => `a${i}: __typename`),
      ),
    }),
    "15 aliases",
  );
});

test("sizes in variables count as they are, and only in the operation that is run", async () => {
  const big = `query Big($size: Int = 100) { conversations(first: $size) { nodes {
    turns(first: $size) { nodes { conversation { turns(first: $size) { nodes { id } } } } }
  } } }`;
  const both = { query: `${big} query Small { __typename }` };
  await expectRefusal(STRICT, "", json({ ...both, operationName: "Big" }), "25000 objects");
  await expectRefusal(STRICT, "", json({ ...both, operationName: "Big", variables: { size: 30 } }), "not 28830");
  for (const request of [
    { ...both, operationName: "Small" },
    { ...both, operationName: "Big", variables: { size: 10 } },
  ]) {
    expect(await send(server, STRICT, "", json(request))).toMatchObject({ status: 200 });
  }
});

test("a document that was counted once is held to its limit with any other variables", async () => {
  const page = "turns(first: 100) { nodes { conversation { turns(first: 100) { nodes { id } } } } }";
  const query = `query ($after: String) { conversations(first: 100, after: $after) { nodes { ${page} } } }`;
  const asking = (variables: object) => json({ query, variables });
  // Wrong variables are reported instead, and must not let the next ones pass.
  expect(await send(server, STRICT, "", asking({ after: 1 }))).toMatchObject({ status: 400 });
  await expectRefusal(STRICT, "", asking({}), "25000 objects");
  await expectRefusal(STRICT, "", asking({ after: "x" }), "25000 objects");
});

test("mutations and subscriptions are held to the limits, before anything happens", async () => {
  const { a, b } = { a: "turns(first: 100)", b: "conversation" };
  const everything = `${b} { ${a} { nodes { ${b} { ${a} { nodes { ${b} { ${a} { nodes { id } } } } } } } } }`;
  const create = `mutation { createConversation(input: {}) { ${everything} } }`;
  await expectRefusal(STRICT, "", json({ query: create }), "25000 objects");
  const { body } = await send(server, STRICT, "", json({ query: "{ conversations { totalCount } }" }));
  expect(body.data).toEqual({ conversations: { totalCount: 0 } });
  const query = `subscription { turnChanged(conversationId: "x") { turn { ${everything} } } }`;
  const headers = { "content-type": LEGACY, accept: "text/event-stream" };
  const watching = await fetch(`${server.origin}/graphql`, {
    method: "POST",
    headers,
    body: JSON.stringify({ query }),
  });
  expect(await watching.text()).toContain('"code":"LIMIT_EXCEEDED"');
});

test("the introspection of tools passes, one that goes round in circles does not", async () => {
  expect(await send(server, STRICT, "", json({ query: getIntrospectionQuery() }))).toMatchObject({ status: 200 });
  const circle = `{ __schema { ${"types { fields { type { fields { type { fields { type { fields { name } } } } } } } }"} } }`;
  const { status, body } = await send(server, STRICT, "", json({ query: circle }));
  expect({ status, body }).toMatchObject({
    status: 400,
    body: { errors: [{ extensions: { code: "GRAPHQL_VALIDATION_FAILED" } }] },
  });
});
