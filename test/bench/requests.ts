import { postgraphileDocument, projectDocument } from "./documents.ts";
import type { Ask, Query } from "./queries.ts";

/** The dialect of a contender: the schema that its requests are written for. */
export type Dialect = "floor" | "project" | "project-graphql" | "postgraphile-fragments" | "postgraphile-jsonb";

export interface BenchRequest {
  method: "GET" | "POST";
  path: string;
  headers: Record<string, string>;
  body?: string;
}

/** A request with an answer that is known to be right. */
export interface CheckedRequest extends BenchRequest {
  /** The length of that answer: the data don't change, so another one is an error, whatever its status. null where it varies. */
  bytes: number | null;
}

/** The request that puts the query to a server of the dialect. */
export function toRequest(dialect: Dialect, query: Query, ask: Ask, key: string): BenchRequest {
  switch (dialect) {
    case "floor":
      return { method: "GET", path: `/${query.name}?${floorParameters(ask)}`, headers: {} };
    case "project":
      return query.surface === "graphql" ? projectGraphQL(query, ask, key) : projectList(query, ask, key);
    case "project-graphql":
      return projectGraphQL(query, ask, key);
    case "postgraphile-fragments":
    case "postgraphile-jsonb":
      return post(postgraphileDocument(query, dialect), toVariables(ask), {});
  }
}

/** The request for the cursor of a place in the list of all conversations; null where places are no cursors. */
export function toCursorRequest(dialect: Dialect, depth: number, key: string): BenchRequest | null {
  if (dialect === "floor") return null;
  const isProject = dialect === "project" || dialect === "project-graphql";
  const list = isProject ? "conversations(" : "allConversations(orderBy: [CREATED_AT_DESC, ROW_ID_DESC], ";
  const document = `{ ${list}first: 1, offset: ${depth - 1}) { pageInfo { endCursor } } }`;
  return post(document, {}, isProject ? keyHeader(key) : {});
}

function projectGraphQL(query: Query, ask: Ask, key: string): BenchRequest {
  return post(projectDocument(query), toVariables(ask), scopeHeaders(ask, key));
}

function projectList({ surface, first }: Query, ask: Ask, key: string): BenchRequest {
  const headers = scopeHeaders(ask, key);
  if (surface === "fixie") {
    return { method: "GET", path: `/api/v1/agents/${ask.agentId}/conversations`, headers };
  }
  const agent = ask.agentName === undefined ? "" : `&agent_name=${ask.agentName}`;
  return { method: "GET", path: `/openai/v1/conversations?limit=${first}${agent}`, headers };
}

function post(query: string, variables: object, headers: Record<string, string>): BenchRequest {
  return {
    method: "POST",
    path: "/graphql",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ query, variables }),
  };
}

// The project gets the user in a header, the other schemas in a condition.
function toVariables({ user, agentName, agentVersion, agentId, offset, after, id }: Ask): object {
  return { user, agentName, agentVersion, agentId, offset, after, id };
}

function scopeHeaders({ user }: Ask, key: string): Record<string, string> {
  return { ...keyHeader(key), ...(user !== undefined && { "x-ms-user-isolation-key": user }) };
}

function keyHeader(key: string): Record<string, string> {
  return { authorization: `Bearer ${key}` };
}

function floorParameters({ place, ...rest }: Ask): URLSearchParams {
  const values = { ...rest, ...(place !== undefined && { id: place.id, createdAt: place.createdAt }) };
  return new URLSearchParams(Object.entries(values).map(([name, value]): [string, string] => [name, String(value)]));
}
