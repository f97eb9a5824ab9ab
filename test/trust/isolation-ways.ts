import { createHash } from "node:crypto";

import { encodeCursor } from "../../src/relay/cursor.ts";
import type { Ordering } from "../../src/relay/ordering.ts";
import { exportConversations } from "../../src/store/read/export-conversations.ts";
import { api, get, graphql, type Request, watch } from "./isolation-requests.ts";
import { itemOf, LATER, MINE, type Names, SHARED } from "./isolation-worlds.ts";

/** A way to come at what is hidden. */
export type Way = readonly [name: string, ask: Request];

const EVERYTHING = `
  fragment OfConversation on Conversation {
    id createdAt updatedAt title user metadata agent { agentId } preview(length: 5) lastTurn { id position }
    turns { totalCount edges { cursor node { ...OfTurn } } pageInfo { hasNextPage } }
  }
  fragment OfTurn on Turn {
    id position revision state metadata messages { __typename ... on TextFragment { content } } inReplyTo { id }
    conversation { id updatedAt turns(filter: { role: ASSISTANT }) { totalCount } }
  }`;
const OF_ITEM = "fragment OfItem on ConversationItem { id type role status json turn { id } }";
const LIST = "totalCount edges { cursor node { ...OfConversation } } pageInfo { hasNextPage hasPreviousPage }";

const ORDERINGS: Ordering[] = [
  { field: "CREATED_AT", direction: "ASC" },
  { field: "CREATED_AT", direction: "DESC" },
  { field: "UPDATED_AT", direction: "ASC" },
  { field: "UPDATED_AT", direction: "DESC" },
];

/** The reads that name what may not exist. */
export function readsOf(names: Names): Way[] {
  const { conversation } = names;
  const ids = [MINE.conversation, ...Object.values(names), SHARED.question];
  return [
    ...Object.entries(names).flatMap(([what, id]) => readsById(what, id)),
    [
      "nodes, among others",
      graphql(`query ($ids: [ID!]!) { nodes(ids: $ids) { id ...OfConversation ...OfTurn } } ${EVERYTHING}`, { ids }),
    ],
    [
      "Foundry, after it and before mine",
      get(`/openai/v1/conversations?after=${conversation}&before=${MINE.conversation}`),
    ],
    [
      "Foundry, after mine and before it",
      get(`/openai/v1/conversations?after=${MINE.conversation}&before=${conversation}`),
    ],
    ...itemReadsOf(names),
    ...ORDERINGS.flatMap((ordering) => readsByCursor(ordering, conversation)),
    ...[null, 0, 3, 99].map(
      (afterRevision): Way => [
        `watched after ${afterRevision}`,
        watch({ conversationId: conversation, afterRevision }),
      ],
    ),
  ];
}

function readsById(what: string, id: string): Way[] {
  const node = `query ($id: ID!) { node(id: $id) { ...OfConversation ...OfTurn } } ${EVERYTHING}`;
  const conversation = `query ($id: ID!) { conversation(id: $id) { ...OfConversation } } ${EVERYTHING}`;
  return [
    [`node of the ${what}`, graphql(node, { id })],
    // What leads from a turn to lists is resolved; this is compiled.
    [
      `node of the ${what}, compiled`,
      graphql("query ($id: ID!) { node(id: $id) { id ... on Turn { revision } } }", { id }),
    ],
    [
      `items of the ${what} in the graph`,
      graphql(
        `query ($id: ID!) { node(id: $id) {
          ... on Conversation { items { edges { cursor node { ...OfItem } } pageInfo { hasNextPage } } }
          ... on Turn { items { ...OfItem } }
        } } ${OF_ITEM}`,
        { id },
      ),
    ],
    [`conversation of the ${what}`, graphql(conversation, { id })],
    [`turn of the ${what}`, graphql("query ($id: ID!) { turn(id: $id) { id revision } }", { id })],
    [`Foundry, after the ${what}`, get(`/openai/v1/conversations?after=${id}`)],
    [`Fixie, the ${what}`, get(`/api/v1/agents/hidden/conversations/${id}`)],
    [`Fixie, the ${what} of an agent of mine`, get(`/api/v1/agents/mine/conversations/${id}`)],
    [`Foundry, before the ${what}`, get(`/api/projects/shop/openai/conversations?order=asc&before=${id}`)],
  ];
}

export const API = "/openai/v1/conversations";
const AGENT_API = "/api/projects/shop/agents/hidden/endpoint/protocols/openai/conversations";

/** The id of the item that is made of the turn at the position. */
function derivedItem(turn: string, position: number): string {
  return `msg_t${position}_${createHash("sha256").update(turn).digest("hex").slice(0, 16)}_0`;
}

/** The reads of the Conversations API. */
function itemReadsOf(names: Names): Way[] {
  const { conversation, question } = names;
  const items = [itemOf(names), derivedItem(question, 1)];
  return [
    ["conversation over REST", api("GET", `${API}/${conversation}`)],
    ["conversation of an agent over REST", api("GET", `${AGENT_API}/${conversation}`)],
    ["its items", api("GET", `${API}/${conversation}/items`)],
    [
      "its items, of one type",
      api("GET", `/api/projects/shop/openai/conversations/${conversation}/items?item_type=message`),
    ],
    ...items.flatMap((item): Way[] => [
      [`its item ${item}`, api("GET", `${API}/${conversation}/items/${item}`)],
      [`its items after ${item}`, api("GET", `${API}/${conversation}/items?after=${item}`)],
      [`its item ${item} in mine`, api("GET", `${API}/${MINE.conversation}/items/${item}`)],
      [`mine before its item ${item}`, api("GET", `${API}/${MINE.conversation}/items?before=${item}`)],
    ]),
  ];
}

function readsByCursor(ordering: Ordering, id: string): Way[] {
  const cursor = encodeCursor(ordering, [LATER.getTime(), id]);
  return ["after", "before"].map((side) => [
    `${side} its cursor by ${ordering.field} ${ordering.direction}`,
    graphql(
      `query ($cursor: String, $orderBy: ConversationOrder) {
        conversations(${side}: $cursor, orderBy: $orderBy) { ${LIST} }
      } ${EVERYTHING}`,
      { cursor, orderBy: ordering },
    ),
  ]);
}

/** Conditions that only what is hidden fulfils, except the last, which everything does. */
const FILTERS = [
  { user: "ann" },
  { agentName: "hidden" },
  { agentName: "mine" },
  { agentId: "hidden:2" },
  { agentId: "mine:2" },
  { metadata: [{ key: "hidden", value: "yes" }] },
  { createdFrom: LATER.toISOString() },
  { updatedFrom: LATER.toISOString() },
  { search: "hidden" },
  { search: "-hidden" },
  { calledFunction: "hidden_function" },
  { turnState: "ERROR" },
  { createdBefore: "9999-12-31T00:00:00Z", updatedBefore: "9999-12-31T00:00:00Z" },
];

/** A list of which two conditions hold the rows to the scope, and nothing else. */
export const UNCOUNTED = "by time of update, uncounted";

/** Everything that the turns of a shared name say: by the resolvers, and compiled. */
export const SHARED_TURNS = {
  resolved: "turns of a shared name",
  compiled: "turns of a shared name, compiled",
} as const;

/** The lists and counts, in which hidden objects may show although no argument names them. */
export const LISTINGS: Way[] = [
  ...ORDERINGS.flatMap((orderBy) =>
    FILTERS.map((filter): Way => {
      const query = `query ($filter: ConversationFilter, $orderBy: ConversationOrder) {
        conversations(filter: $filter, orderBy: $orderBy) { ${LIST} }
      } ${EVERYTHING}`;
      return [
        `${JSON.stringify(filter)} by ${orderBy.field} ${orderBy.direction}`,
        graphql(query, { filter, orderBy }),
      ];
    }),
  ),
  ["agents", graphql("{ agents { totalCount nodes { agent { name } versions conversationCount lastActivityAt } } }")],
  ...[null, "mine", "hidden"].map(
    (agentName): Way => [
      `counts of ${agentName}`,
      graphql(
        `query ($agentName: String) { conversationCounts(
          from: "2024-05-01T00:00:00Z", to: "2024-06-01T12:00:00Z", by: WEEK, agentName: $agentName
        ) { from count } }`,
        { agentName },
      ),
    ],
  ),
  ["a page after an offset", graphql(`{ conversations(first: 1, offset: 1) { ${LIST} } } ${EVERYTHING}`)],
  ["the last page", graphql(`{ conversations(last: 1) { ${LIST} } } ${EVERYTHING}`)],
  [
    "turns of mine, of which one more is not mine",
    graphql(
      `query ($id: ID!) { conversation(id: $id) {
      turns(last: 2, filter: { state: ERROR }) { totalCount nodes { id } pageInfo { hasNextPage hasPreviousPage } }
      page: turns(first: 1, after: "WyJQT1NJVElPTiIsIkFTQyIsMV0") { nodes { id position } pageInfo { hasNextPage } }
    } }`,
      { id: SHARED.conversation },
    ),
  ],
  [
    SHARED_TURNS.resolved,
    graphql(`query ($id: ID!) { conversation(id: $id) { ...OfConversation } } ${EVERYTHING}`, {
      id: SHARED.conversation,
    }),
  ],
  [
    SHARED_TURNS.compiled,
    graphql(
      "query ($id: ID!) { conversation(id: $id) { turns { nodes { messages { ... on TextFragment { content } } } } } }",
      { id: SHARED.conversation },
    ),
  ],
  [
    "items of a shared name in the graph",
    graphql(
      `query ($id: ID!) { conversation(id: $id) {
        items(type: "message") { nodes { ...OfItem } } turns { nodes { items { ...OfItem } } }
      } } ${OF_ITEM}`,
      { id: SHARED.conversation },
    ),
  ],
  ...["hidden", "-hidden", "words"].map((search): Way => {
    const query = `query ($search: String!, $filter: ConversationFilter) { searchTurns(search: $search, filter: $filter) {
      edges { cursor snippet matches { start end } node { ...OfTurn } } pageInfo { hasNextPage }
    } } ${EVERYTHING}`;
    return [`turns that say ${search}`, graphql(query, { search, filter: {} })];
  }),
  [UNCOUNTED, graphql("{ conversations(orderBy: { field: UPDATED_AT }) { nodes { id } } }")],
  ["Foundry", get("/openai/v1/conversations")],
  ["Foundry on the endpoint of a hidden agent", get(AGENT_API)],
  ["items of a shared name", api("GET", `${API}/${SHARED.conversation}/items`)],
  ["an item of a shared name", api("GET", `${API}/${SHARED.conversation}/items/${itemOf(SHARED)}`)],
  ["Foundry under another project", get("/api/projects/bank/openai/v1/conversations")],
  ["Foundry by a hidden agent", get("/openai/conversations?agent_name=hidden")],
  ["Foundry by a hidden version", get("/openai/conversations?agent_id=mine:2")],
  ["Fixie by a hidden agent", get("/api/v1/agents/hidden:2/conversations")],
  ["Fixie by an agent of mine", get("/api/v1/agents/mine/conversations?limit=1&offset=1")],
  [
    "export",
    async ({ server, scope }) =>
      JSON.stringify(await Array.fromAsync(exportConversations(server.database, scope, null))),
  ],
];
