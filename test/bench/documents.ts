import type { Query } from "./queries.ts";

const FRAGMENTS = `messages {
  __typename
  ... on TextFragment { content state metadata }
  ... on FunctionCallFragment { name args metadata }
  ... on FunctionResponseFragment { name response failed metadata }
}`;

// A list of conversations has no turns' page size that means "all"; no generated conversation is longer.
const ALL_TURNS = "first: 1000";

/** The query in this project's schema, over its own resolvers wherever they run. */
export function projectDocument(query: Query): string {
  const { first, by, turns, surface } = query;
  const numbers = surface === "graphql" ? "position revision" : "";
  const turn = `id ${numbers} role state timestamp errorDetail inReplyTo { id } ${FRAGMENTS}`;
  const page = turns === null ? "" : `turns(${size(turns)}) { nodes { ${turn} } ${turnsEnd(turns)} }`;
  const conversation = `id ${query.details ? "createdAt metadata" : ""} ${page}`;
  if (first === null) return `query ($id: ID!) { node(id: $id) { ... on Conversation { ${conversation} } } }`;
  const list = {
    user: ["", ""],
    place: ["$after: String", "after: $after"],
    offset: ["$offset: Int", "offset: $offset"],
    agentName: ["$agentName: String", "filter: { agentName: $agentName }"],
    agent: ["$agentId: String", "filter: { agentId: $agentId }"],
    id: ["", ""],
  } as const;
  const declared = by.map((name) => list[name][0]).join(" ");
  const given = [`first: ${first}`, ...by.map((name) => list[name][1])];
  return `query ${declared.trim() === "" ? "" : `(${declared})`} {
    conversations(${given.join(" ")}) { ${listEnd(query)} nodes { ${conversation} } }
  }`;
}

/** The query in the schema that PostGraphile makes of its storage. */
export function postgraphileDocument(query: Query, storage: "postgraphile-fragments" | "postgraphile-jsonb"): string {
  const { first, by, turns, surface } = query;
  const numbers = surface === "graphql" ? "position revision" : "";
  const fragments =
    storage === "postgraphile-jsonb"
      ? "messages"
      : "fragmentsByTurnIdList(orderBy: POSITION_ASC) { kind content state name args response failed metadata }";
  const turn = `rowId ${numbers} role state timestamp errorDetail inReplyToId ${fragments}`;
  const given = turns === null || turns === "all" ? "" : `${size(turns)}, `;
  const page =
    turns === null
      ? ""
      : `turnsByConversationId(${given}orderBy: POSITION_ASC) { nodes { ${turn} } ${turnsEnd(turns)} }`;
  const conversation = `rowId ${query.details ? "createdAt metadata" : ""} ${page}`;
  if (first === null) return `query ($id: String!) { conversationByRowId(rowId: $id) { ${conversation} } }`;
  const list = {
    user: ["$user: String", "isolationKey: $user"],
    agentName: ["$agentName: String", "agentName: $agentName"],
    agent: ["$agentName: String, $agentVersion: String", "agentName: $agentName, agentVersion: $agentVersion"],
    place: ["$after: Cursor", ""],
    offset: ["$offset: Int", ""],
    id: ["", ""],
  } as const;
  const condition = by.map((name) => list[name][1]).join(" ");
  const args = [
    `first: ${first}, orderBy: [CREATED_AT_DESC, ROW_ID_DESC]`,
    ...(by.includes("place") ? ["after: $after"] : []),
    ...(by.includes("offset") ? ["offset: $offset"] : []),
    ...(condition.trim() === "" ? [] : [`condition: { ${condition} }`]),
  ];
  return `query (${by.map((name) => list[name][0]).join(" ")}) {
    allConversations(${args.join(" ")}) { ${listEnd(query)} nodes { ${conversation} } }
  }`;
}

function size(turns: NonNullable<Query["turns"]>): string {
  if (turns === "all") return ALL_TURNS;
  return "first" in turns ? `first: ${turns.first}` : `last: ${turns.last}`;
}

function turnsEnd(turns: NonNullable<Query["turns"]>): string {
  if (turns === "all") return "";
  return "first" in turns ? "pageInfo { hasNextPage }" : "pageInfo { hasPreviousPage }";
}

// What each surface says about the end of the page: Foundry whether there is more, Fixie the length of the list.
function listEnd({ surface, total }: Query): string {
  const count = total ? "totalCount" : "";
  if (surface === "fixie") return count;
  return `${count} pageInfo { hasNextPage ${surface === "graphql" ? "endCursor" : ""} }`;
}
