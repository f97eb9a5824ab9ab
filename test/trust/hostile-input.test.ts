import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { isStorableText } from "../../src/model/json.ts";
import { CASES, type Caller, encode, startCaller, tried, tryCases } from "./hostile-caller.ts";
import { checkAnswer, FOREIGN } from "./hostile-oracle.ts";
import { cursor, id, jsonObject, longText, number, text, textsOf } from "./hostile-values.ts";

let caller: Caller;
beforeAll(async () => {
  caller = await startCaller();
});
afterAll(() => caller.close());

const ask = (query: string, variables: object) => caller.graphql(JSON.stringify({ query, variables }));
const list = async (path: string, statuses: number[]) =>
  checkAnswer(path.startsWith("/api/v1") ? "fixie" : "foundry", await caller.send(path), statuses);

const EVERYTHING = `
  fragment OfConversation on Conversation { id metadata agent { agentId } turns { totalCount nodes { ...OfTurn } } }
  fragment OfTurn on Turn {
    id errorDetail inReplyTo { id } conversation { id }
    messages {
      __typename
      ... on TextFragment { content metadata }
      ... on FunctionCallFragment { name args metadata }
      ... on FunctionResponseFragment { name response metadata }
    }
  }`;

const CREATE = `mutation ($input: CreateConversationInput!) {
  createConversation(input: $input) { conversation { metadata agent { name version } turns { nodes { ...OfTurn } } } }
} ${EVERYTHING.slice(EVERYTHING.indexOf("fragment OfTurn"))}`;

const BAD_INPUT = [{ extensions: { code: "BAD_USER_INPUT" } }];

// Ahead of the rest: a search through thousands of rows, which PostgreSQL has no statistics of yet, may take its time.
test("the same holds for a text to look for", { timeout: 120_000 }, () =>
  tryCases<[string, string, number]>(0.1, [longText, text, fc.nat(5)], async (long, short, which) => {
    const search = ["search", "agentName", "agentId", "calledFunction"].map((name) => ({ [name]: long }));
    const metadata = {
      metadata: [
        { key: short, value: long },
        { key: long, value: short },
      ],
    };
    const instant = { createdFrom: short, updatedBefore: short };
    const query =
      "query ($filter: ConversationFilter) { conversations(filter: $filter) { totalCount nodes { id metadata } } }";
    const { errors = [] } = await ask(query, { filter: [...search, metadata, instant][which] });
    for (const error of errors) expect([error]).toMatchObject(BAD_INPUT);
    const part = encode(long.slice(0, 500));
    await list(`/openai/v1/conversations?${which % 2 === 0 ? "agent_name" : "agent_id"}=${part}`, [200, 400]);
    if (part !== "" && !/^\.\.?$/.test(part)) await list(`/api/v1/agents/${part}/conversations`, [200, 400]);
  }),
);

describe.concurrent("the answer is documented, and holds nothing of others, whatever there is in", {
  timeout: 300_000,
}, () => {
  test("an id to read by", () =>
    tryCases<[string, string[]]>(0.08, [id, fc.array(id, { maxLength: 4 })], async (one, many) => {
      const query = `query ($id: ID!, $ids: [ID!]!) {
        node(id: $id) { id ...OfConversation ...OfTurn } nodes(ids: $ids) { id } conversation(id: $id) { ...OfConversation }
      } ${EVERYTHING}`;
      const { data, errors } = await ask(query, { id: one, ids: many });
      expect(errors).toBeUndefined();
      expect([null, one]).toContain(data.node?.id ?? null);
      for (const [index, node] of data.nodes.entries()) expect([null, many[index]]).toContain(node?.id ?? null);
      await list(
        `/openai/v1/conversations?order=asc&before=${encode(one)}${many.map((after) => `&after=${encode(after)}`)[0] ?? ""}`,
        [200, 404],
      );
      const part = encode(one);
      const isSegment = part !== "" && !/^\.\.?$/.test(part);
      if (isSegment) await list(`/api/v1/agents/nothing/conversations/${part}`, [400, 404]);
    }));

  test("an id to write by", () =>
    tryCases<[string, string, string, number]>(0.1, [id, id, text, fc.nat(4)], async (one, other, content, which) => {
      const messages = [{ text: { content } }];
      const inputs: [string, object][] = [
        ["updateConversation", { id: one, metadata: [{ key: content, value: content }] }],
        ["appendTurn", { conversationId: one, turn: { role: "USER", messages } }],
        ["appendTurn", { conversationId: "conv_mine", turn: { role: "ASSISTANT", messages, inReplyToId: other } }],
        ["updateTurn", { id: one, appendText: content }],
        ["deleteConversation", { id: one === "conv_mine" ? other.repeat(2) : one }],
      ];
      const [field, input] = inputs[which] ?? ["", {}];
      const type = field.charAt(0).toUpperCase() + field.slice(1);
      const query = `mutation ($input: ${type}Input!) { ${field}(input: $input) { __typename } }`;
      const { data, errors = [] } = await ask(query, { input });
      expect(errors).toHaveLength(data[field] === null ? 1 : 0);
    }));

  test("a cursor", () =>
    tryCases<[string, string, number]>(0.1, [cursor, cursor, fc.nat(3)], async (after, before, order) => {
      const orderBy = { field: order < 2 ? "CREATED_AT" : "UPDATED_AT", direction: order % 2 === 0 ? "ASC" : "DESC" };
      const query = `query ($after: String, $before: String, $orderBy: ConversationOrder) {
        a: conversations(after: $after, orderBy: $orderBy) { totalCount nodes { ...OfConversation } pageInfo { hasNextPage } }
        b: conversation(id: "conv_mine") { turns(after: $after, before: $before) { nodes { ...OfTurn } } }
        c: conversations(before: $before, last: 3, orderBy: $orderBy) { edges { cursor } pageInfo { hasPreviousPage } }
      } ${EVERYTHING}`;
      const { errors = [] } = await ask(query, { after, before, orderBy });
      for (const error of errors) expect([error]).toMatchObject(BAD_INPUT);
    }));

  test("a number", () =>
    tryCases<[string, string, string]>(
      0.1,
      [number, number, fc.constantFrom("first", "last", "offset")],
      async (one, other, name) => {
        const query = `query ($a: Int, $b: Int) { conversations(${name}: $a, filter: { agentName: "a" }) { nodes { id } } conversation(id: "conv_mine") { turns(first: $b) { nodes { id } } } }`;
        const { errors = [] } = await caller.graphql(
          `{"query":${JSON.stringify(query)},"variables":{"a":${one},"b":${other}}}`,
        );
        for (const error of errors) expect([error]).toMatchObject(BAD_INPUT);
        const literals = `{ conversations(${name}: ${one}) { nodes { id } } conversation(id: "conv_mine") { turns(last: ${other}) { nodes { id } } } }`;
        await ask(literals, {});
        await list(`/openai/v1/conversations?limit=${encode(one)}`, [200, 400]);
        await list(`/api/v1/agents/a/conversations?limit=${encode(one)}&offset=${encode(other)}`, [200, 400]);
      },
    ));

  test("a text to store, which comes back as it is", () =>
    tryCases<[string, string, string]>(0.14, [text, longText, longText], async (short, long, longer) => {
      const agent = { name: `a${short}`, version: short };
      const metadata = [{ key: short, value: long }];
      const messages = [
        { text: { content: longer } },
        { functionCall: { name: long, args: { [short]: short } } },
        { functionResponse: { name: short, response: long } },
      ];
      const turn = { role: "ASSISTANT", state: "ERROR", errorDetail: longer, messages };
      const { data, errors = [] } = await ask(CREATE, {
        input: { agent, metadata, turns: [turn], idempotencyKey: null },
      });
      const isFit =
        [short, long, longer].every(isStorableText) &&
        short !== "" &&
        !short.includes(":") &&
        lengthOf(short) <= 64 &&
        lengthOf(long) <= 512;
      expect(errors).toMatchObject(isFit ? [] : BAD_INPUT);
      if (!isFit) return;
      const { conversation } = data.createConversation;
      const [stored] = conversation.turns.nodes;
      const [said, call, response] = stored.messages;
      expect({ ...conversation.agent, detail: stored.errorDetail }).toEqual({ ...agent, detail: longer });
      expect(JSON.stringify([conversation.metadata, call.args])).toBe(
        JSON.stringify([{ [short]: long }, { [short]: short }]),
      );
      expect([said.content, call.name, response.name, response.response]).toEqual([longer, long, short, long]);
    }));

  test("an object of the caller's own, which comes back as it is", () =>
    tryCases<[object, object]>(0.1, [jsonObject, jsonObject], async (args, metadata) => {
      const messages = [{ functionCall: { name: "f", args, metadata } }];
      const { data, errors = [] } = await ask(CREATE, { input: { turns: [{ role: "ASSISTANT", messages }] } });
      const isFit = textsOf([args, metadata]).every(isStorableText);
      expect(errors).toMatchObject(isFit ? [] : BAD_INPUT);
      if (!isFit) return;
      const [call] = data.createConversation.conversation.turns.nodes[0].messages;
      expect(JSON.stringify([call.args, call.metadata])).toBe(JSON.stringify([args, metadata]));
    }));

  test("the place or the id of what is watched", () =>
    tryCases<[string, number]>(
      0.04,
      [id.filter((value) => value !== "conv_mine"), fc.integer()],
      async (conversationId, revision) => {
        const query = `subscription ($id: ID!, $after: Int) {
        turnChanged(conversationId: $id, afterRevision: $after) { turn { ...OfTurn } }
      } ${EVERYTHING.slice(EVERYTHING.indexOf("fragment OfTurn"))}`;
        for (const [watched, after] of [
          [conversationId, revision],
          ["conv_mine", 2 ** 31 - 1],
        ]) {
          const body = JSON.stringify({ query, variables: { id: watched, after } });
          const headers = { "content-type": "application/json", accept: "text/event-stream" };
          const seen = await caller.send("/graphql", { method: "POST", headers, body });
          const events = seen.body.split("\n").filter((line) => line.startsWith("data: {"));
          expect(events.map((event) => JSON.parse(event.slice(6)))).toMatchObject([
            { errors: [{ extensions: { code: expect.toBeOneOf(["BAD_USER_INPUT", "NOT_FOUND"]) } }] },
          ]);
          expect(seen.body).not.toContain(FOREIGN);
        }
      },
    ));
});

test("and after 7,600 cases the server is alive", async () => {
  expect(tried).toBe(CASES * 0.76);
  expect(await caller.send("/health/live")).toMatchObject({ status: 200 });
});

function lengthOf(value: string): number {
  return [...value].length;
}
