import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { conversation, store } from "../harness/conversations.ts";
import { longestTurn } from "../harness/event-loop.ts";
import { json, MEDIA_TYPES, STRICT, send } from "../harness/send.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await store(server.database, [conversation("c")]);
});
afterAll(() => server.close());

const MAX_MS = 250;
const times = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => text(index)).join(" ");

async function expectRefusal(query: string, message: string) {
  for (const accept of MEDIA_TYPES) {
    const { status, body } = await send(server, accept, "", json({ query }));
    expect(body).not.toHaveProperty("data");
    expect({ status, body }).toMatchObject({ status: 400, body: { errors: [{ message }] } });
    expect(body.errors?.[0]?.extensions.code).toBe("LIMIT_EXCEEDED");
  }
}

describe.each([
  ["line feeds", "\n"],
  ["carriage returns", "\r"],
  ["both", "\r\n"],
  ["comments", "# what follows\n"],
])("as many lines as tokens: %s", (_what, end) => {
  test("just within and just over", async () => {
    expect(await send(server, STRICT, "", json({ query: `${end.repeat(999)}{ __typename }` }))).toMatchObject({
      status: 200,
    });
    await expectRefusal(`${end.repeat(1000)}{ __typename }`, "The document may have up to 1000 lines.");
    await expectRefusal(`{ __typename }${end.repeat(1000)}`, "The document may have up to 1000 lines.");
  });
});

describe.each<[string, (name: string) => string]>([
  ["an alias", (name) => `{ ${name}: __typename }`],
  ["an operation", (name) => `query ${name} { __typename }`],
  ["a variable", (name) => `query ($${name}: Int) { conversations(first: $${name}) { totalCount } }`],
  ["a fragment", (name) => `{ ...${name} } fragment ${name} on Query { __typename }`],
])("a name of 255 characters: %s", (_what, query) => {
  test("just within and just over", async () => {
    expect(await send(server, STRICT, "", json({ query: query("x".repeat(255)) }))).toMatchObject({ status: 200 });
    await expectRefusal(query("x".repeat(256)), "A name may have up to 255 characters.");
  });
});

const LINES = "\n".repeat(400);
const FAILING = `query ($ids: [ID!]!) { ${LINES} ${times(15, (index) => `a${index}: nodes(ids: $ids) { ...F }`)} }
  fragment F on Conversation { ${times(40, () => "turns(first: 0) { totalCount }")} }`;

test.each<[string, object]>([
  ["a megabyte of comment", { query: `{ __typename } #${"x".repeat(1_000_000)}` }],
  ["a megabyte of commas", { query: `{ __typename ${",".repeat(1_000_000)} }` }],
  [
    "half a megabyte of lines, and unknown fields",
    { query: `${"\n".repeat(500_000)}{ ${times(300, (i) => `x${i}`)} }` },
  ],
  ["400 lines, and unknown fields", { query: `${LINES}{ ${times(300, (index) => `x${index}`)} }` }],
  ["a megabyte of name", { query: `{ ${"x".repeat(1_000_000)} }` }],
  ["a megabyte of number", { query: `{ conversations(first: 1.${"1".repeat(1_000_000)}) { totalCount } }` }],
  ["a megabyte of text", { query: `{ conversation(id: "${"x".repeat(1_000_000)}") { id } }` }],
  ["a megabyte of escapes", { query: `{ conversation(id: "${"\\u0041".repeat(100_000)}") { id } }` }],
  ["a field over and over", { query: `{ ${times(240, () => "conversations { totalCount }")} }` }],
  ["a field with other arguments", { query: `{ ${times(120, (i) => `conversations(first: ${i}) { totalCount }`)} }` }],
  ["__typename over and over", { query: `{ ${times(990, () => "__typename")} }` }],
  ["lists in lists", { query: `{ conversations(filter: ${"[".repeat(480)}${"]".repeat(480)}) { totalCount } }` }],
  ["fragments that double", { query: `{ ...F0 } ${times(90, doubling)} fragment F90 on Query { __typename }` }],
  ["fragments that go round", { query: `{ ...F0 } ${times(90, doubling)} fragment F90 on Query { ...F0 }` }],
  ["many operations", { query: times(160, (index) => `query A${index} { a }`) }],
  ["1,500 objects that fail", { query: FAILING, variables: { ids: Array(100).fill("c") } }],
])("%s holds nobody up", async (_what, request) => {
  const init = json(request);
  const turn = await longestTurn(async () => {
    for (let time = 0; time < 2; time += 1) {
      const response = await fetch(`${server.origin}/graphql`, init);
      await response.arrayBuffer();
      expect(response.status).toBeLessThan(500);
    }
  });
  expect(turn).toBeLessThan(MAX_MS);
});

function doubling(index: number): string {
  return `fragment F${index} on Query { ...F${index + 1} ...F${index + 1} }`;
}

test("each of 1,500 objects that fail has its error, at the place in the document", async () => {
  const { body } = await send(server, STRICT, "", json({ query: FAILING, variables: { ids: Array(100).fill("c") } }));
  expect(body.errors).toHaveLength(1500);
  expect(body.errors?.[101]).toMatchObject({
    message: "`first` must be 1 to 100, not 0.",
    path: ["a1", 1, "turns"],
    locations: Array.from({ length: 40 }, (_, index) => ({ line: 402, column: 32 + 31 * index })),
    extensions: { code: "BAD_USER_INPUT", argument: "first" },
  });
  expect(Object.keys(body.errors?.[101]?.extensions ?? {}).sort()).toEqual(["argument", "code", "requestId"]);
});
