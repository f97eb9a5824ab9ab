import { words } from "./writes.ts";

/** Stands in every text of a conversation, and in everything else that a caller can write. */
export const MARK = "Mark7Q4x";

/** A conversation with the mark in every text. */
export const MARKED_CONVERSATION = {
  agent: { name: `${MARK} agent`, version: MARK },
  metadata: [{ key: `${MARK} key`, value: `${MARK} value` }],
  turns: [
    { role: "USER", messages: [words(`${MARK} text`)] },
    {
      role: "ASSISTANT",
      state: "ERROR",
      errorDetail: `${MARK} detail`,
      messages: [
        { functionCall: { name: `${MARK}_call`, args: { [MARK]: MARK }, metadata: { [MARK]: MARK } } },
        { functionResponse: { name: `${MARK}_call`, response: MARK, failed: true } },
      ],
    },
  ],
};

export const CREATE =
  "mutation Create($input: CreateConversationInput!) { createConversation(input: $input) { conversation { id } } }";

/** A document over POST. */
export function postJson(query: string, variables: object = {}): RequestInit {
  const headers = { "content-type": "application/json" };
  return { method: "POST", headers, body: JSON.stringify({ query, variables }) };
}

const filtered =
  "query Filtered($filter: ConversationFilter) { conversations(filter: $filter) { nodes { id metadata } } }";
const paged = "query Paged($first: Int, $after: String) { conversations(first: $first, after: $after) { totalCount } }";

/** Requests with the mark in every place, valid and invalid: the surface's name in the log, the path, the request. */
export const MARKED_REQUESTS: [surface: string, path: string, init: RequestInit][] = [
  ["graphql", "/graphql", postJson(CREATE, { input: { ...MARKED_CONVERSATION, idempotencyKey: MARK } })],
  ["graphql", "/graphql", postJson(CREATE, { input: { metadata: [{ key: MARK.repeat(9), value: MARK }] } })],
  ["graphql", "/graphql", postJson(filtered, { filter: { search: MARK, agentName: MARK, calledFunction: MARK } })],
  ["graphql", "/graphql", postJson(filtered, { filter: { metadata: [{ key: MARK, value: "\0" }] } })],
  ["graphql", "/graphql", postJson(filtered, { filter: { createdFrom: MARK } })],
  ["graphql", "/graphql", postJson(filtered, { filter: { [MARK]: MARK } })],
  ["graphql", "/graphql", postJson(paged, { first: MARK })],
  ["graphql", "/graphql", postJson(paged, { after: MARK })],
  ["graphql", "/graphql", postJson(`{ ${MARK} }`)],
  ["graphql", "/graphql", postJson(`{ ${MARK} ! "${MARK}" }`)],
  ["graphql", "/graphql", postJson(`{ node(id: "${MARK}") { id } }`)],
  ["graphql", "/graphql", postJson(`{ conversations(filter: { turnState: ${MARK} }) { totalCount } }`)],
  ["graphql", "/graphql", postJson(`subscription { conversationChanged(after: "${MARK}") { cursor } }`)],
  ["graphql", "/graphql", postJson(`subscription { turnChanged(conversationId: "${MARK}") { turn { id } } }`)],
  ["graphql", "/graphql", { method: "POST", headers: { "content-type": "application/json" }, body: `{"${MARK}` }],
  ["graphql", "/graphql", { method: "POST", headers: { "content-type": `text/${MARK}` }, body: MARK }],
  [
    "graphql",
    "/graphql",
    { method: "POST", headers: { "content-type": "application/json" }, body: MARK.repeat(150_000) },
  ],
  ["graphql", `/graphql?query={node(id:"${MARK}"){id}}&${MARK}=${MARK}`, {}],
  [
    "graphql",
    "/graphql",
    { method: "DELETE", headers: { origin: `https://${MARK}.example`, cookie: MARK, "user-agent": MARK } },
  ],
  ["foundry", `/openai/v1/conversations?agent_name=${MARK}%20agent&${MARK}=1`, {}],
  ["foundry", `/openai/v1/conversations?after=${MARK}`, {}],
  ["foundry", `/openai/v1/conversations?order=${MARK}`, {}],
  ["foundry", `/openai/v1/conversations?limit=${MARK}`, {}],
  ["foundry", `/api/projects/${MARK}/openai/v1/conversations`, {}],
  ["foundry", "/openai/v1/conversations", { headers: { "api-key": MARK } }],
  ["foundry", "/openai/v1/conversations", { headers: { authorization: `Bearer ${MARK}` } }],
  ["foundry", "/openai/v1/conversations", { headers: { "x-ms-user-identity": `another ${MARK}` } }],
  ["fixie", `/api/v1/agents/${MARK}%20agent/conversations`, {}],
  ["fixie", `/api/v1/agents/${MARK}/conversations?offset=${MARK}`, {}],
  ["unknown", `/${MARK}?${MARK}`, {}],
];
