import { GraphQLError } from "graphql";
import type { GraphQLParams } from "graphql-yoga";

import { isJsonObject, parseRequestJson } from "../../model/json.ts";

/**
 * The parameters in the body of a GraphQL request. An integer that no double can hold keeps its digits, as it may stand
 * in the arguments of a function call. Rejects with BAD_REQUEST for a body that is not a JSON object.
 */
export async function parseBody(request: Request): Promise<GraphQLParams> {
  const body = parse(await request.text(), "The body");
  if (Array.isArray(body)) throw badRequest("Batches of requests are not supported: send one at a time.");
  if (!isJsonObject(body)) throw badRequest("The body must be a JSON object.");
  return body;
}

/**
 * The parameters in the query of a GraphQL request's URL, by the same rules. Throws BAD_REQUEST for variables or extensions
 * that are not a JSON object.
 */
export function parseQuery(request: Request): GraphQLParams {
  const { searchParams } = new URL(request.url);
  const text = (name: string) => searchParams.get(name) ?? undefined;
  const object = (name: string) => {
    const value = parse(text(name) ?? "null", `The parameter \`${name}\``);
    if (value === null) return undefined;
    if (!isJsonObject(value)) throw badRequest(`The parameter \`${name}\` must be a JSON object.`);
    return value;
  };
  const params = { query: text("query"), operationName: text("operationName") };
  const objects = { variables: object("variables"), extensions: object("extensions") };
  return Object.fromEntries(Object.entries({ ...params, ...objects }).filter(([, value]) => value !== undefined));
}

function parse(text: string, what: string): unknown {
  try {
    return parseRequestJson(text);
  } catch {
    throw badRequest(`${what} is not valid JSON.`);
  }
}

function badRequest(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: "BAD_REQUEST", http: { status: 400 } } });
}
