/** What a caller may fill a request with, over and over. */
export const FILLERS: readonly string[] = [
  " ",
  "\n",
  ",",
  "a",
  "é",
  "\u{1f642}",
  "0",
  "1.0,",
  "-",
  "#",
  '"',
  "\\",
  "\\u0041",
  "{",
  "}",
  "(",
  "[",
  "]",
  "$a:",
  "@a ",
  "...a ",
  "a:b ",
  "a b ",
  " Did you mean ",
  '"a":1,',
  '"1":1,',
  "{a:",
  "a{",
  '{"a":',
  "a/",
  "a;q=1,",
  "%41",
  "&a=1",
  "a=1;",
  "or ",
  '-"a" ',
  "1e9",
  "eyJ",
  "../",
  "a@b",
];

/** A place in a request that a caller's text comes to, and the most of it that fits there. */
export interface Place {
  name: string;
  most: number;
  request(text: string): { path: string; init?: RequestInit };
}

const MEGABYTE = 1_048_576;
// Headers and URL together.
const HEAD = 60_000;

const post = (body: string) => ({
  path: "/graphql",
  init: { method: "POST", headers: { "content-type": "application/json" }, body },
});
const document = (name: string, around: (text: string) => string): Place => ({
  name: `a document's ${name}`,
  most: MEGABYTE - 1000,
  request: (text) => post(JSON.stringify({ query: around(text) })),
});
const LIST =
  "query ($filter: ConversationFilter, $ids: [ID!] = [], $size: Int) { conversations(filter: $filter, first: $size) { totalCount } nodes(ids: $ids) { id } }";
/** Variables as JSON text, which no object could be written as. */
const variables = (name: string, around: (text: string) => string): Place => ({
  name: `variables: ${name}`,
  most: MEGABYTE - 1000,
  request: (text) => post(`{"query":${JSON.stringify(LIST)},"variables":{${around(text)}}}`),
});
const asText = (text: string) => JSON.stringify(text);
const query = (name: string, path: string, parameter: string): Place => ({
  name,
  most: HEAD,
  request: (text) => ({ path: `${path}?${parameter}=${encodeURIComponent(text).slice(0, HEAD)}` }),
});
const header = (name: string, path: string): Place => ({
  name: `the header ${name}`,
  most: HEAD,
  request: (text) => ({ path, init: { headers: { [name]: text.replaceAll(/[^\x20-\x7e]/g, "x") } } }),
});

/** Every kind of place. */
export const PLACES: readonly Place[] = [
  { name: "a body", most: MEGABYTE, request: post },
  { name: "a batch", most: MEGABYTE, request: (text) => post(`[${text}]`) },
  document("text", (text) => text),
  document("fields", (text) => `{ ${text} }`),
  document("string", (text) => `{ a(b: "${text}") }`),
  document("block string", (text) => `{ a(b: """${text}""") }`),
  document("comment", (text) => `# ${text}\n{ __typename }`),
  document("arguments", (text) => `{ conversations(${text}) { totalCount } }`),
  document("variables", (text) => `query (${text}) { __typename }`),
  document("filter", (text) => `{ conversations(filter: {${text}}) { totalCount } }`),
  document("search", (text) => `{ conversations(filter: { search: ${asText(text)} }) { totalCount } }`),
  document("cursor", (text) => `{ conversations(after: ${asText(text)}) { totalCount } }`),
  document("ids", (text) => `{ nodes(ids: [${text}]) { id } }`),
  document("instant", (text) => `{ conversations(filter: { createdFrom: ${asText(text)} }) { totalCount } }`),
  variables("members", (text) => text.replace(/,$/, "")),
  variables("a condition's members", (text) => `"filter":{${text.replace(/,$/, "")}}`),
  variables("a list's items", (text) => `"ids":[${text.replace(/,$/, "")}]`),
  variables("a text for ids", (text) => `"ids":${asText(text)}`),
  variables("a text for a number", (text) => `"size":${asText(text)}`),
  variables("a search", (text) => `"filter":{"search":${asText(text)}}`),
  variables("an agent", (text) => `"filter":{"agentId":${asText(text)}}`),
  variables("a name", (text) => `${asText(text)}:1`),
  {
    name: "an operation's name",
    most: MEGABYTE - 1000,
    request: (text) => post(`{"query":"{ __typename }","operationName":${asText(text)}}`),
  },
  query("a document in a URL", "/graphql", "query"),
  query("variables in a URL", "/graphql", "query={__typename}&variables"),
  query("Foundry's limit", "/openai/v1/conversations", "limit"),
  query("Foundry's after", "/openai/v1/conversations", "after"),
  query("Foundry's agent", "/openai/v1/conversations", "agent_id"),
  query("Fixie's offset", "/api/v1/agents/a/conversations", "offset"),
  {
    name: "Fixie's agent",
    most: HEAD,
    request: (text) => ({ path: `/api/v1/agents/${encodeURIComponent(text).slice(0, HEAD)}/conversations` }),
  },
  { name: "a URL", most: HEAD, request: (text) => ({ path: `/${encodeURI(text).slice(0, HEAD)}` }) },
  header("accept", "/graphql?query={__typename}"),
  header("accept", "/schema.graphql"),
  header("accept-encoding", "/schema.graphql"),
  header("if-none-match", "/schema.graphql"),
  header("authorization", "/openai/v1/conversations"),
  header("x-ms-user-isolation-key", "/openai/v1/conversations"),
  header("x-consistency-token", "/openai/v1/conversations"),
  header("content-type", "/graphql?query={__typename}"),
  header("origin", "/graphql?query={__typename}"),
  header("traceparent", "/graphql?query={__typename}"),
];
