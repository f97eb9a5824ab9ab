import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { longestTurn } from "../harness/event-loop.ts";
import { json, LEGACY, MEDIA_TYPES, STRICT, send } from "../harness/send.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const MAX_MS = 250;
const LIST = "query ($filter: ConversationFilter) { conversations(filter: $filter) { totalCount } }";
const SIZED = "query ($size: Int) { conversations(first: $size) { totalCount } }";
const NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }";

const members = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, index]));
const refused = (argument: string) => ({ code: "BAD_USER_INPUT", argument });

/** What a caller sends, the argument at fault, and a part of what is said. */
const HOSTILE: [name: string, query: string, variables: object | string, argument: string, words: string][] = [
  ["4,000 unknown conditions", LIST, { filter: members(4000) }, "filter", 'Field "k0" is not defined'],
  ["50,000 unknown conditions", LIST, { filter: members(50_000) }, "filter", 'Field "k0" is not defined'],
  ["200,000 objects for ids", NODES, { ids: Array(200_000).fill({}) }, "ids", "up to 100 items, not 200000"],
  ["100 objects for ids", NODES, { ids: Array(100).fill({}) }, "ids.0", "ID cannot represent"],
  [
    "40,000 entries",
    LIST,
    { filter: { metadata: Array(40_000).fill({ key: "", value: "" }) } },
    "filter.metadata",
    "16",
  ],
  ["16 entries of no form", LIST, { filter: { metadata: Array(16).fill(1) } }, "filter.metadata.0", "to be an object"],
  ["a megabyte of text for a number", SIZED, { size: "x".repeat(1_000_000) }, "first", "Int cannot represent"],
  ["60,000 members for a number", SIZED, { size: members(60_000) }, "first", "Int cannot represent"],
  [
    "lists as deep as a body may nest",
    LIST,
    `{"filter":{"metadata":${deep(1_990)}}}`,
    "filter.metadata.0",
    "to be an object",
  ],
];

function deep(depth: number): string {
  return "[".repeat(depth) + "]".repeat(depth);
}

/** A request with variables as JSON text, for texts that no object serialises to. */
function posted(query: string, variables: object | string): RequestInit {
  const text = typeof variables === "string" ? variables : JSON.stringify(variables);
  const body = `{"query":${JSON.stringify(query)},"variables":${text}}`;
  return { method: "POST", headers: { "content-type": LEGACY }, body };
}

describe.each(HOSTILE)("%s", (_name, query, variables, argument, words) => {
  test("is refused before anything is executed, naming the argument, and holds nobody up", async () => {
    for (const accept of MEDIA_TYPES) {
      const request = posted(query, variables);
      let answer: Awaited<ReturnType<typeof send>> | undefined;
      const turn = await longestTurn(async () => {
        answer = await send(server, accept, "", request);
      });
      expect(answer?.status).toBe(400);
      expect(answer?.body).not.toHaveProperty("data");
      expect(answer?.body.errors?.[0]).toMatchObject({
        message: expect.stringContaining(words),
        extensions: refused(argument),
      });
      expect(answer?.body.errors?.length).toBeLessThanOrEqual(51);
      expect(turn).toBeLessThan(MAX_MS);
    }
  });
});

test("of many faults 50 are told, and that there are more", async () => {
  const { body } = await send(server, STRICT, "", json({ query: LIST, variables: { filter: members(51) } }));
  expect(body.errors).toHaveLength(51);
  expect(body.errors?.at(-1)?.message).toBe("Too many errors processing variables, error limit reached.");
  const fifty = await send(server, STRICT, "", json({ query: LIST, variables: { filter: members(50) } }));
  expect(fifty.body.errors).toHaveLength(50);
});

test.each([
  [
    "a list in a filter",
    "query ($it: [MetadataEntryInput!]) { conversations(filter: { metadata: $it }) { totalCount } }",
    "filter.metadata",
  ],
  ["a list in a fragment", "query ($it: [ID!]!) { ...F } fragment F on Query { nodes(ids: $it) { id } }", "ids"],
  [
    "an item of a list",
    'query ($it: MetadataEntryInput!) { conversations(filter: { metadata: [{ key: "a", value: "b" }, $it] }) { totalCount } }',
    "filter.metadata.1",
  ],
  ["a directive", "query ($it: Boolean!) { __typename @skip(if: $it) }", "if"],
])("a variable is named after where it stands: %s", async (_where, query, argument) => {
  const { body } = await send(server, STRICT, "", json({ query, variables: { it: { no: 1 } } }));
  expect(body.errors?.[0]?.extensions).toMatchObject(refused(argument));
});

test("a variable may have any name, and one that is not there is passed over", async () => {
  const page = (alias: string) => `a${alias}: conversations(first: $${alias}) { totalCount }`;
  const query = `query ($__proto__: Int, $constructor: Int = 0) { ${page("__proto__")} ${page("constructor")} }`;
  const variables = `{"__proto__":1,"toString":1,"other":${JSON.stringify(members(9))}}`;
  const answer = await send(server, STRICT, "", posted(query, variables));
  expect(answer).toMatchObject({ status: 200, body: { data: null, errors: [{ extensions: refused("first") }] } });
});

test("a number that is kept as its digits is shown as its digits", async () => {
  const answer = await send(server, STRICT, "", posted(SIZED, '{"size":12345678901234567890}'));
  expect(answer.body.errors?.[0]?.message).toBe(
    'Variable "$size" got invalid value; Int cannot represent non-integer value: 12345678901234567890',
  );
});
