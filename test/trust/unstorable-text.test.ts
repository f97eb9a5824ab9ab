import { sql } from "drizzle-orm";
import {
  type GraphQLInputObjectType,
  type GraphQLInputType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isRequiredInputField,
} from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createSchema } from "../../src/graphql/schema/schema.ts";
import { withoutHalves } from "../../src/model/half-characters.ts";
import { conversation, store, turn } from "../harness/conversations.ts";
import { post } from "../harness/graphql.ts";
import { rawGet } from "../harness/raw-request.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await store(server.database, [conversation("x", { turns: [turn("t")] })]);
});
afterAll(() => server.close());

const UNSTORABLE = ["\0", "a\0b", "\ud800", "a\udc00b", "\udc00\ud800"];
const schema = createSchema();

/** Every place in a value of the type that can hold a text, as the path that an error names, and a value with it there. */
function placesOf(type: GraphQLInputType, text: string): [path: string[], value: unknown][] {
  const nullable = getNullableType(type);
  if (isListType(nullable)) return placesOf(nullable.ofType, text).map(([path, value]) => [["0", ...path], [value]]);
  if (isInputObjectType(nullable)) return placesOfObject(nullable, text);
  switch (String(nullable)) {
    case "ID":
    case "String":
      return [[[], text]];
    case "JSONObject":
      return [
        [["a", "0", "b"], { a: [{ b: text }] }],
        [["a"], { a: { [text]: 1 } }],
      ];
    default:
      return [];
  }
}

function placesOfObject(type: GraphQLInputObjectType, text: string): [path: string[], value: unknown][] {
  const required = type.isOneOf ? {} : anyObject(type);
  return Object.values(type.getFields()).flatMap((field) =>
    placesOf(field.type, text).map(([path, value]): [string[], unknown] => [
      [field.name, ...path],
      { ...required, [field.name]: value },
    ]),
  );
}

/** The object with the fields that it cannot do without. */
function anyObject(type: GraphQLInputObjectType): Record<string, unknown> {
  const required = Object.values(type.getFields()).filter(isRequiredInputField);
  return Object.fromEntries(required.map((field) => [field.name, anyValue(field.type)]));
}

function anyValue(type: GraphQLInputType): unknown {
  const nullable = getNullableType(type);
  if (isListType(nullable)) return [];
  if (isInputObjectType(nullable)) return anyObject(nullable);
  if (isEnumType(nullable)) return nullable.getValues()[0]?.name;
  return String(nullable) === "JSONObject" ? {} : "x";
}

/** A document for the field with all its arguments as variables. */
function documentFor(operation: "query" | "mutation", field: string, selection: string): string {
  const type = operation === "query" ? schema.getQueryType() : schema.getMutationType();
  const args = type?.getFields()[field]?.args ?? [];
  const declared = args.map((arg) => `$${arg.name}: ${arg.type}`).join(", ");
  const passed = args.map((arg) => `${arg.name}: $${arg.name}`).join(", ");
  return `${operation} (${declared}) { ${field}(${passed}) { ${selection} } }`;
}

async function expectRefusal(document: string, variables: Record<string, unknown>, argument: string) {
  const { data, errors } = await post(server, document, variables);
  expect(Object.values(data ?? {}).every((value) => value === null)).toBe(true);
  expect({ argument, errors }).toMatchObject({
    argument,
    errors: [{ extensions: { code: "BAD_USER_INPUT", argument } }],
  });
}

const stored = () =>
  server.database.rows(sql`SELECT c::text, h::text, t::text FROM conversations c
  JOIN conversation_heads h ON h.project_id = c.project_id AND h.conversation_id = c.id
  LEFT JOIN turns t ON t.project_id = c.project_id AND t.conversation_id = c.id`);

describe("text that cannot be stored is refused in every place of every input, and nothing is written", () => {
  const mutations = Object.values(schema.getMutationType()?.getFields() ?? {});

  test.each(mutations.map(({ name, args }) => [name, args] as const))("%s", async (name, args) => {
    const before = await stored();
    const document = documentFor("mutation", name, "__typename");
    for (const text of UNSTORABLE) {
      const places = args.flatMap((arg) =>
        placesOf(arg.type, text).map(([path, value]) => [arg.name, path, value] as const),
      );
      expect(places.length).toBeGreaterThan(0);
      for (const [argument, path, value] of places) {
        const place = [argument, ...path].join(".");
        // Half a character at the start or the end of what is appended waits for the other half, or was waited for.
        const isHalf = withoutHalves(text).isWellFormed() && !text.includes("\0");
        if (place === "input.appendText" && isHalf) continue;
        await expectRefusal(document, { [argument]: value }, place);
      }
    }
    expect(await stored()).toEqual(before);
  });

  test("conversations", async () => {
    const document = documentFor("query", "conversations", "totalCount nodes { id }");
    const args = schema.getQueryType()?.getFields().conversations?.args ?? [];
    for (const text of UNSTORABLE) {
      const places = args.flatMap((arg) =>
        placesOf(arg.type, text).map(([path, value]) => [arg.name, path, value] as const),
      );
      expect(places.map(([name]) => name)).toEqual(expect.arrayContaining(["after", "before", "filter"]));
      for (const [argument, path, value] of places) {
        await expectRefusal(document, { [argument]: value }, [argument, ...path].join("."));
      }
    }
  });

  test("the cursors of turns", async () => {
    for (const text of UNSTORABLE) {
      for (const side of ["after", "before"]) {
        const query = `query ($cursor: String) { conversation(id: "x") { turns(${side}: $cursor) { nodes { id } } } }`;
        await expectRefusal(query, { cursor: text }, side);
      }
    }
  });

  test("an id to read by, which names nothing then", async () => {
    const query = "query ($id: ID!) { node(id: $id) { id } nodes(ids: [$id]) { id } conversation(id: $id) { id } }";
    for (const id of UNSTORABLE) {
      expect(await post(server, query, { id })).toEqual({ data: { node: null, nodes: [null], conversation: null } });
    }
  });

  test("a literal in the document", async () => {
    const create = (text: string) =>
      `mutation { createConversation(input: { idempotencyKey: "${text}" }) { __typename } }`;
    for (const text of ["\\u0000", "\0"]) await expectRefusal(create(text), {}, "input.idempotencyKey");
    for (const text of ["\\uD800", "\ud800"]) {
      expect(await post(server, create(text))).toMatchObject({
        errors: [{ extensions: { code: "GRAPHQL_PARSE_FAILED" } }],
      });
    }
  });
});

test.each([
  ["/openai/v1/conversations?agent_name=a%00", 400, "agent_name"],
  ["/openai/v1/conversations?agent_id=%00", 400, "agent_id"],
  ["/openai/v1/conversations?limit=1%00", 400, "limit"],
  ["/openai/v1/conversations?order=asc%00", 400, "order"],
  ["/openai/v1/conversations?after=x%00", 404, "after"],
  ["/openai/v1/conversations?before=%00", 404, "before"],
  ["/api/v1/agents/%00/conversations", 400, "agentId"],
  ["/api/v1/agents/a%00b/conversations", 400, "agentId"],
  ["/api/v1/agents/a/conversations?limit=1%00", 400, "limit"],
  ["/api/v1/agents/a/conversations?offset=%00", 400, "offset"],
])("NUL in a parameter of a list: %s", async (path, status, param) => {
  const answer = await rawGet(server.origin + path);
  expect(answer.status).toBe(status);
  const body: { param?: string; error?: { param: string } } = JSON.parse(answer.text);
  expect(body.error?.param ?? body.param).toBe(param);
});
