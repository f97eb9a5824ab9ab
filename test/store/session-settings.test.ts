import { parse } from "graphql";
import { afterAll, beforeAll, expect, test } from "vitest";

import { createSchema } from "../../src/graphql/schema/schema.ts";
import { conversation, turn } from "../harness/conversations.ts";
import { callApi } from "../harness/conversations-api.ts";
import { startTestServer, type TestServer } from "../harness/server.ts";
import { startTwoSides, type TwoSides } from "../harness/two-sides.ts";

// Instants of several days, on both sides of the change to summer time, and of the hour that comes twice; with ties.
const INSTANTS = [
  "0001-01-01T00:00:00.000Z",
  "2024-03-31T00:59:59.999Z",
  "2024-10-27T00:30:00.001Z",
  "2024-10-27T01:30:00.001Z",
  "2024-10-27T01:30:00.001Z",
  "2024-11-02T23:30:00.000Z",
  "9999-12-31T23:59:59.999Z",
].map((text) => new Date(text));
const RECORDS = INSTANTS.map((createdAt, at) =>
  conversation(`conv_${at}`, {
    createdAt,
    agent: { name: "a", version: "1" },
    metadata: { title: `the ${at}th` },
    isolationKey: at % 2 === 0 ? "ann" : null,
    turns: [
      turn(`t${at}.1`, { timestamp: createdAt, text: "some words" }),
      turn(`t${at}.2`, { timestamp: createdAt, role: "assistant", inReplyToId: `t${at}.1`, state: "stopped" }),
    ],
  }),
);

const TURN = "id timestamp revision inReplyTo { id timestamp } conversation { id createdAt updatedAt }";
const CONVERSATION = `id createdAt updatedAt lastTurn { timestamp } forkedFrom { conversation { id createdAt } }
  turns(last: 2) { totalCount edges { cursor node { ${TURN} } } } items(first: 3) { nodes { id json } }`;
const LIST = `query ($after: String, $from: DateTime, $before: DateTime, $field: ConversationOrderField!, $offset: Int) {
  conversations(first: 3, after: $after, offset: $offset, orderBy: { field: $field, direction: DESC },
    filter: { createdFrom: $from, updatedBefore: $before }) {
    totalCount pageInfo { startCursor endCursor hasNextPage } edges { cursor node {
      id createdAt updatedAt turns(last: 2) { totalCount nodes { id timestamp } }
    } }
  }
}`;
const BOUNDS = { from: "2024-01-01T01:00:00+02:00", before: "2025-01-01T00:00:00Z" };
const SPAN = 'from: "2024-03-30T22:00:00Z", to: "2024-11-04T01:00:00Z"';
const HITS = `query ($after: String) { searchTurns(search: "words", first: 2, after: $after) {
  pageInfo { endCursor } edges { cursor node { ${TURN} } }
} }`;

const DOCUMENTS: [name: string, document: string, variables?: object][] = [
  ...["CREATED_AT", "UPDATED_AT"].flatMap((field): [string, string, object][] => [
    [`a list by ${field} within bounds`, LIST, { field, ...BOUNDS }],
    [`a list by ${field} from an offset on`, LIST, { field, offset: 2 }],
  ]),
  ["what is found", `{ conversations(first: 9, filter: { search: "words" }) { nodes { ${CONVERSATION} } } }`],
  ["hits", HITS],
  ["a node", `{ node(id: "conv_2") { id ... on Conversation { ${CONVERSATION} } } }`],
  [
    "nodes",
    `{ nodes(ids: ["t2.2", "conv_0", "t6.1"]) { id ... on Turn { ${TURN} } ... on Conversation { ${CONVERSATION} } } }`,
  ],
  ["a conversation", `{ conversation(id: "conv_3") { ${CONVERSATION} } }`],
  ["a turn", `{ turn(id: "t4.2") { ${TURN} } }`],
  ["agents", "{ agents(first: 5) { nodes { agent { name } conversationCount lastActivityAt } } }"],
  ...["DAY", "WEEK", "MONTH"].map((by): [string, string] => [
    `counts by ${by}`,
    `{ conversationCounts(${SPAN}, by: ${by}) { from to count } }`,
  ]),
];

let sides: TwoSides;
let resolving: TestServer;
let item: string;
beforeAll(async () => {
  sides = await startTwoSides(RECORDS);
  resolving = await startTestServer({ COMPILE_DOCUMENTS: "0" }, sides.other.url);
  item = (await callApi(sides.usual, "GET", "/conv_4/items")).body.data[0].id;
});
afterAll(async () => {
  await resolving.close();
  await sides.close();
});

const ANN = { "x-ms-user-isolation-key": "ann" };

/** What is answered to the document, and to the one with the cursor that it ends at, for the project and for a user. */
async function askPages(server: TestServer, document: string, variables: object = {}): Promise<string[]> {
  const answers: string[] = [];
  for (const headers of [{}, ANN]) {
    const ask = async (more: object) => {
      const body = JSON.stringify({ query: document, variables: { ...variables, ...more } });
      const init = { method: "POST", headers: { "content-type": "application/json", ...headers }, body };
      return (await fetch(`${server.origin}/graphql`, init)).text();
    };
    const first = await ask({});
    const [, after] = /"endCursor":"([^"]+)"/.exec(first) ?? [];
    answers.push(first, ...(after === undefined ? [] : [await ask({ offset: null, after })]));
  }
  return answers;
}

test.each(DOCUMENTS)(
  "GraphQL answers the same bytes, compiled and resolved: %s",
  async (_name, document, variables) => {
    const [usual, compiled, resolved] = await Promise.all(
      [sides.usual, sides.other, resolving].map((server) => askPages(server, document, variables)),
    );
    expect(usual?.join()).not.toContain('"errors"');
    expect(compiled).toEqual(usual);
    expect(resolved).toEqual(usual);
  },
);

test("the documents ask for every root field", () => {
  const asked = DOCUMENTS.map(([, document]) => {
    const [definition] = parse(document).definitions;
    const [field] = definition?.kind === "OperationDefinition" ? definition.selectionSet.selections : [];
    return field?.kind === "Field" ? field.name.value : "";
  });
  expect([...new Set(asked)].sort()).toEqual(Object.keys(createSchema().getQueryType()?.getFields() ?? {}).sort());
});

test.each([
  ["?agent_name=a&limit=5&after=conv_5"],
  ["?limit=9&order=asc"],
  ["/api/v1/agents/a/conversations"],
  ["/api/v1/agents/a/conversations/conv_2"],
  ["/conv_4"],
  ["/conv_4/items"],
  ["/conv_4/items/ITEM"],
])("REST answers the same bytes: GET %s", async (path) => {
  const [usual, compiled, resolved] = await Promise.all(
    [sides.usual, sides.other, resolving].map(async (server) => {
      const { status, text } = await callApi(server, "GET", path.replace("ITEM", item));
      return [status, text];
    }),
  );
  expect(usual?.[0]).toBe(200);
  expect(compiled).toEqual(usual);
  expect(resolved).toEqual(usual);
});
