import { getNullableType, isInputObjectType, isListType, isObjectType } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createSchema } from "../../src/graphql/schema/schema.ts";
import { json, MEDIA_TYPES, STRICT, send } from "../harness/send.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ MAX_TOKENS: "20000" });
});
afterAll(() => server.close());

const FILTER = "query ($filter: ConversationFilter) { conversations(filter: $filter) { totalCount } }";
const NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }";
const mutation = (name: string, type: string) =>
  `mutation ($input: ${type}!) { ${name}(input: $input) { __typename } }`;
const CREATE = mutation("createConversation", "CreateConversationInput");
const UPDATE = mutation("updateConversation", "UpdateConversationInput");
const NOTE = mutation("setTurnMetadata", "SetTurnMetadataInput");
const APPEND = mutation("appendTurn", "AppendTurnInput");
const CHANGE = mutation("updateTurn", "UpdateTurnInput");

const many = (count: number, make: (index: number) => unknown) =>
  Array.from({ length: count }, (_, index) => make(index));
const entries = (count: number) => many(count, (index) => ({ key: `k${index}`, value: "" }));
const fragments = (count: number) => many(count, () => ({ text: { content: "" } }));
const turns = (count: number, messages: unknown[] = []) => many(count, () => ({ role: "USER", messages }));

/** Every list of every input: how many items it may have, and a request with that many. */
const LISTS: Record<string, [most: number, query: string, variables: (count: number) => object, argument: string]> = {
  "Query.nodes(ids)": [100, NODES, (count) => ({ ids: many(count, String) }), "ids"],
  "ConversationFilter.metadata": [16, FILTER, (count) => ({ filter: { metadata: entries(count) } }), "filter.metadata"],
  "CreateConversationInput.metadata": [
    16,
    CREATE,
    (count) => ({ input: { metadata: entries(count) } }),
    "input.metadata",
  ],
  "CreateConversationInput.turns": [1000, CREATE, (count) => ({ input: { turns: turns(count) } }), "input.turns"],
  "UpdateConversationInput.metadata": [
    16,
    UPDATE,
    (count) => ({ input: { id: "x", metadata: entries(count) } }),
    "input.metadata",
  ],
  "UpdateConversationInput.setMetadata": [
    16,
    UPDATE,
    (count) => ({ input: { id: "x", setMetadata: entries(count) } }),
    "input.setMetadata",
  ],
  "UpdateConversationInput.removeMetadata": [
    16,
    UPDATE,
    (count) => ({ input: { id: "x", removeMetadata: many(count, String) } }),
    "input.removeMetadata",
  ],
  "SetTurnMetadataInput.set": [16, NOTE, (count) => ({ input: { id: "x", set: entries(count) } }), "input.set"],
  "SetTurnMetadataInput.remove": [
    16,
    NOTE,
    (count) => ({ input: { id: "x", remove: many(count, String) } }),
    "input.remove",
  ],
  "ForkConversationInput.metadata": [
    16,
    mutation("forkConversation", "ForkConversationInput"),
    (count) => ({ input: { id: "x", metadata: entries(count) } }),
    "input.metadata",
  ],
  "TurnInput.metadata": [
    16,
    APPEND,
    (count) => ({ input: { conversationId: "x", turn: { role: "USER", messages: [], metadata: entries(count) } } }),
    "input.turn.metadata",
  ],
  "TurnInput.messages": [
    1000,
    APPEND,
    (count) => ({ input: { conversationId: "x", turn: { role: "USER", messages: fragments(count) } } }),
    "input.turn.messages",
  ],
  "UpdateTurnInput.messages": [
    1000,
    CHANGE,
    (count) => ({ input: { id: "x", messages: fragments(count) } }),
    "input.messages",
  ],
  "UpdateTurnInput.appendMessages": [
    1000,
    CHANGE,
    (count) => ({ input: { id: "x", appendMessages: fragments(count) } }),
    "input.appendMessages",
  ],
};

/** The value as it is written in a document. */
function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(" ")}]`;
  if (typeof value !== "object" || value === null) return value === "USER" ? "USER" : JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([name, member]) => `${name}:${literal(member)}`)
    .join(" ")}}`;
}

/** The same request without variables. */
function written(query: string, variables: object): string {
  const [[name, value] = ["", null]] = Object.entries(variables);
  return query.replace(/\(\$.*?\) /, "").replace(`$${name}`, literal(value));
}

describe.each(Object.entries(LISTS))("%s", (_name, [most, query, variables, argument]) => {
  test.each([
    ["in variables", (count: number) => ({ query, variables: variables(count) })],
    ["in the document", (count: number) => ({ query: written(query, variables(count)) })],
  ])("one item too many is refused before a statement is run: %s", async (_where, request) => {
    for (const accept of MEDIA_TYPES) {
      const asked = await server.countStatements(async () => {
        const { status, body } = await send(server, accept, "", json(request(most + 1)));
        expect(body).not.toHaveProperty("data");
        const message = expect.stringContaining(`may have up to ${most} items, not ${most + 1}`);
        const extensions = { code: "BAD_USER_INPUT", argument };
        expect({ status, body }).toMatchObject({ status: 400, body: { errors: [{ message, extensions }] } });
        expect(body.errors).toHaveLength(1);
      });
      expect(asked).toBe(0);
    }
    const { body } = await send(server, STRICT, "", json(request(most)));
    expect(body).toHaveProperty("data");
  });
});

test("all lists of a request's variables have 5,000 items together", async () => {
  const create = (count: number) =>
    json({ query: CREATE, variables: { input: { turns: turns(5, fragments(count)) } } });
  expect(await send(server, STRICT, "", create(999))).toMatchObject({ status: 200, body: { data: {} } });
  const { status, body } = await send(server, STRICT, "", create(1000));
  const errors = [{ extensions: { code: "BAD_USER_INPUT", argument: "input.turns.4.messages" } }];
  expect({ status, body }).toMatchObject({ status: 400, body: { errors } });
  const twice = mutation("a", "CreateConversationInput").replace(
    /\$input.*$/,
    "$a: CreateConversationInput!, $b: CreateConversationInput!) { a: createConversation(input: $a) { __typename } b: createConversation(input: $b) { __typename } }",
  );
  const half = { turns: turns(3, fragments(900)) };
  const both = await send(server, STRICT, "", json({ query: twice, variables: { a: half, b: half } }));
  expect(both.body.errors?.[0]?.extensions).toMatchObject({
    code: "BAD_USER_INPUT",
    argument: "input.turns.2.messages",
  });
});

test("the schema has no other list in an input, and says how long each may be", () => {
  const inputs = Object.values(createSchema().getTypeMap()).flatMap((type) => {
    if (type.name.startsWith("__")) return [];
    if (isInputObjectType(type)) {
      return Object.values(type.getFields()).map((field) => ({ ...field, name: `${type.name}.${field.name}` }));
    }
    if (!isObjectType(type)) return [];
    const fields = Object.values(type.getFields());
    return fields.flatMap(({ name, args }) =>
      args.map((arg) => ({ ...arg, name: `${type.name}.${name}(${arg.name})` })),
    );
  });
  const lists = inputs.filter(({ type }) => isListType(getNullableType(type)));
  expect(lists.map(({ name }) => name).sort()).toEqual(Object.keys(LISTS).sort());
  for (const { name, description } of lists) {
    expect(description, name).toMatch(new RegExp(`\\b${LISTS[name]?.[0]}\\b`));
  }
});
