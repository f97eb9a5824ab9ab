/** What is sent: by the platform's client, or byte for byte. */
export type Sent =
  | { path: string; method?: string; headers?: Record<string, string>; body?: string }
  | { bytes: string };

/** A place in a request that a caller's text comes to. */
export interface Place {
  name: string;
  /** How many bytes of a request fit into it. */
  most: number;
  /** The request; `keyLine` is the header's line for what is sent byte for byte, empty for a caller without a key. */
  request(text: string, keyLine: string): Sent;
}

/** How many bytes the caller's text makes a request long. */
export function sizeOf(sent: Sent): number {
  if ("bytes" in sent) return sent.bytes.length;
  return Buffer.byteLength(sent.path + (sent.body ?? "") + Object.values(sent.headers ?? {}).join(""));
}

const BODY = 1_048_576;
// Of a URL and the headers together.
const HEAD = 60_000;

const JSON_TYPE = { "content-type": "application/json" };
const post = (body: string): Sent => ({ path: "/graphql", method: "POST", headers: JSON_TYPE, body });
const asText = (text: string) => JSON.stringify(text);
const encoded = (text: string) => encodeURIComponent(text.toWellFormed());
const asItStands = (text: string) => encodeURI(text.toWellFormed()).replaceAll("#", "%23");

const document = (name: string, around: (text: string) => string): Place => ({
  name: `a document's ${name}`,
  most: BODY,
  request: (text) => post(JSON.stringify({ query: around(text) })),
});

const READ =
  "query ($filter: ConversationFilter, $ids: [ID!] = [], $size: Int) { conversations(filter: $filter, first: $size) { totalCount } nodes(ids: $ids) { id } }";
const WRITE =
  "mutation ($input: CreateConversationInput!) { createConversation(input: $input) { conversation { id } } }";
/** As JSON text, of which much means no object. */
const variables = (name: string, around: (text: string) => string, document = READ): Place => ({
  name: `variables: ${name}`,
  most: BODY,
  request: (text) => post(`{"query":${asText(document)},"variables":{${around(text.replace(/,$/, ""))}}}`),
});

const url = (name: string, around: (text: string) => string): Place => ({
  name,
  most: HEAD,
  request: (text) => ({ path: around(text) }),
});
const header = (name: string, path: string): Place => ({
  name: `the header ${name} of ${path}`,
  most: HEAD,
  request: (text) => ({ path, headers: { [name]: text.replaceAll(/[^\x20-\x7e]/g, "x") } }),
});
const raw = (name: string, most: number, around: (text: string, keyLine: string) => string): Place => ({
  name,
  most,
  request: (text, keyLine) => ({ bytes: around(text, keyLine) }),
});

const LISTS = "/openai/v1/conversations";
const TYPENAME = "/graphql?query={__typename}";

/** Every kind of place. */
export const PLACES: readonly Place[] = [
  { name: "a body", most: BODY, request: post },
  { name: "a batch", most: BODY, request: (text) => post(`[${text}]`) },
  {
    name: "an operation's name",
    most: BODY,
    request: (text) => post(`{"query":"{ __typename }","operationName":${asText(text)}}`),
  },
  {
    name: "extensions",
    most: BODY,
    request: (text) => post(`{"query":"{ __typename }","extensions":{${text.replace(/,$/, "")}}}`),
  },
  document("text", (text) => text),
  document("fields", (text) => `{ ${text} }`),
  document("string", (text) => `{ a(b: "${text}") }`),
  document("block string", (text) => `{ a(b: """${text}""") }`),
  document("comment", (text) => `# ${text}\n{ __typename }`),
  document("arguments", (text) => `{ conversations(${text}) { totalCount } }`),
  document("directives", (text) => `{ __typename ${text} }`),
  document("variables", (text) => `query (${text}) { __typename }`),
  document("filter", (text) => `{ conversations(filter: {${text}}) { totalCount } }`),
  document("search", (text) => `{ conversations(filter: { search: ${asText(text)} }) { totalCount } }`),
  document("cursor", (text) => `{ conversations(after: ${asText(text)}) { totalCount } }`),
  document("ids", (text) => `{ nodes(ids: [${text}]) { id } }`),
  document("number", (text) => `{ conversations(first: ${text}) { totalCount } }`),
  document("instant", (text) => `{ conversations(filter: { createdFrom: ${asText(text)} }) { totalCount } }`),
  variables("members", (text) => text),
  variables("a condition's members", (text) => `"filter":{${text}}`),
  variables("a list's items", (text) => `"ids":[${text}]`),
  variables("a text for ids", (text) => `"ids":${asText(text)}`),
  variables("a text for a number", (text) => `"size":${asText(text)}`),
  variables("a number", (text) => `"size":${text}`),
  variables("a search", (text) => `"filter":{"search":${asText(text)}}`),
  variables("an agent", (text) => `"filter":{"agentId":${asText(text)}}`),
  variables("a name", (text) => `${asText(text)}:1`),
  variables("what is written", (text) => `"input":{"metadata":[${text}]}`, WRITE),
  variables(
    "a call's arguments",
    (text) => `"input":{"turns":[{"role":"USER","messages":[{"functionCall":{"name":"f","args":{${text}}}}]}]}`,
    WRITE,
  ),
  url("a document in a URL", (text) => `/graphql?query=${encoded(text)}`),
  url("variables in a URL", (text) => `${TYPENAME}&variables=${encoded(text)}`),
  url("parameters of GraphQL", (text) => `${TYPENAME}${asItStands(text)}`),
  url("parameters of Foundry", (text) => `${LISTS}?${asItStands(text)}`),
  url("Foundry's limit", (text) => `${LISTS}?limit=${encoded(text)}`),
  url("Foundry's after", (text) => `${LISTS}?after=${encoded(text)}`),
  url("Foundry's agent", (text) => `${LISTS}?agent_id=${encoded(text)}`),
  url("Fixie's offset", (text) => `/api/v1/agents/a/conversations?offset=${encoded(text)}`),
  url("Fixie's agent", (text) => `/api/v1/agents/${encoded(text)}/conversations`),
  url("a URL", (text) => `/${asItStands(text)}`),
  header("accept", TYPENAME),
  header("accept", "/schema.graphql"),
  header("accept-encoding", "/schema.graphql"),
  header("if-none-match", "/schema.graphql"),
  header("authorization", LISTS),
  header("x-ms-user-isolation-key", LISTS),
  header("x-consistency-token", LISTS),
  header("content-type", TYPENAME),
  header("origin", TYPENAME),
  header("traceparent", TYPENAME),
  raw("lines of headers", HEAD, (text, key) => `GET ${LISTS} HTTP/1.1\r\nhost: a\r\n${key}${text}\r\n\r\n`),
  raw("a request's line", HEAD, (text, key) => `GET /${text} HTTP/1.1\r\nhost: a\r\n${key}\r\n`),
  raw("no request", BODY, (text) => text),
  raw("a chunk's size", BODY, (text, key) => `${chunked(key)}${text}\r\n`),
];

function chunked(keyLine: string): string {
  return `POST /graphql HTTP/1.1\r\nhost: a\r\n${keyLine}content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`;
}

/** Requests that are sent one after the other without a wait for an answer. */
export const PIPELINED: readonly string[] = [
  `GET ${LISTS} HTTP/1.1\r\nhost: a\r\n%\r\n`,
  `GET /health/ready HTTP/1.1\r\nhost: a\r\n%\r\n`,
  `GET ${TYPENAME} HTTP/1.1\r\nhost: a\r\n%\r\n`,
  `GET /schema.graphql HTTP/1.1\r\nhost: a\r\n%\r\n`,
];
