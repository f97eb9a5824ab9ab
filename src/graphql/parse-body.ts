import { GraphQLError } from "graphql";
import type { GraphQLParams } from "graphql-yoga";

import { isJsonObject, parseRequestJson } from "../json.ts";

/**
 * The parameters in the body of a GraphQL request. An integer that no double can hold keeps its digits, as it may stand
 * in the arguments of a function call. Rejects with BAD_REQUEST for a body that is not a JSON object.
 */
export async function parseBody(request: Request): Promise<GraphQLParams> {
  const body = parse(await request.text());
  if (Array.isArray(body)) throw badRequest("Batches of requests are not supported: send one at a time.");
  if (!isJsonObject(body)) throw badRequest("The body must be a JSON object.");
  return body;
}

function parse(text: string): unknown {
  try {
    return parseRequestJson(text);
  } catch {
    throw badRequest("The body is not valid JSON.");
  }
}

function badRequest(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: "BAD_REQUEST", http: { status: 400 } } });
}
