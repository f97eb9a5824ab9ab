import { ApiError } from "../../model/errors.ts";
import { isJsonObject, type JsonObject, parseRequestJson } from "../../model/json.ts";

/** What a request says: its document, or the id of one. An integer that no double can hold keeps its digits: it may stand in a function's arguments. */
export interface AskedParams {
  query?: string;
  /** The id of a document that the server knows: `documentId` or, as Relay's documentation has it, `doc_id`. */
  documentId?: string;
  variables?: JsonObject;
  operationName?: string;
  extensions?: JsonObject;
}

/** The parameters of a GraphQL request whose document is known. */
export type Params = Omit<AskedParams, "query" | "documentId"> & { query: string };

const decoder = new TextDecoder();

/** The parameters in the body of a request. Throws BAD_REQUEST for a body that is no JSON object of GraphQL's parameters. */
export function parseBody(body: Buffer): AskedParams {
  const parsed = parse(decoder.decode(body), "The body");
  if (Array.isArray(parsed)) throw badRequest("Batches of requests are not supported: send one at a time.");
  if (!isJsonObject(parsed)) throw badRequest("The body must be a JSON object.");
  return toParams(parsed);
}

/** The parameters in the query of a request's URL, by the same rules. Others are passed over. */
export function parseQuery(query: URLSearchParams): AskedParams {
  const object = (name: string) => parse(query.get(name) ?? "null", `The parameter \`${name}\``);
  return toParams({
    query: query.get("query"),
    documentId: query.get("documentId"),
    doc_id: query.get("doc_id"),
    operationName: query.get("operationName"),
    variables: object("variables"),
    extensions: object("extensions"),
  });
}

/** The SHA-256 of the document, where the request has it by the protocol of automatic persisted queries. */
export function digestIn({ extensions = {} }: AskedParams): string | undefined {
  const { persistedQuery } = extensions;
  if (!isJsonObject(persistedQuery) || persistedQuery.version !== 1) return undefined;
  return typeof persistedQuery.sha256Hash === "string" ? persistedQuery.sha256Hash : undefined;
}

const PARAMETERS = ["query", "documentId", "doc_id", "operationName", "variables", "extensions"];

function toParams(given: JsonObject): AskedParams {
  const unknown = Object.keys(given).find((name) => !PARAMETERS.includes(name) && given[name] !== null);
  if (unknown !== undefined) throw badRequest(`Unexpected parameter "${unknown}" in the request body.`);
  const query = stringIn(given, "query");
  const documentId = stringIn(given, "documentId") ?? stringIn(given, "doc_id");
  const operationName = stringIn(given, "operationName");
  const [variables, extensions] = [objectIn(given, "variables"), objectIn(given, "extensions")];
  const params = {
    ...(query !== undefined && { query }),
    ...(documentId !== undefined && { documentId }),
    ...(operationName !== undefined && { operationName }),
    ...(variables && { variables }),
    ...(extensions && { extensions }),
  };
  if ((query ?? documentId ?? digestIn(params)) === undefined) throw badRequest("Must provide query string.");
  return params;
}

function stringIn(given: JsonObject, name: string): string | undefined {
  const value = given[name] ?? undefined;
  if (value === undefined || typeof value === "string") return value;
  throw badRequest(`The parameter \`${name}\` must be a string.`);
}

function objectIn(given: JsonObject, name: string): JsonObject | undefined {
  const value = given[name] ?? undefined;
  if (value === undefined || isJsonObject(value)) return value;
  throw badRequest(`The parameter \`${name}\` must be a JSON object.`);
}

function parse(text: string, what: string): unknown {
  try {
    return parseRequestJson(text);
  } catch (error) {
    throw badRequest(`${what} ${error instanceof RangeError ? error.message : "is not valid JSON"}.`);
  }
}

function badRequest(message: string): ApiError {
  return new ApiError("BAD_REQUEST", message);
}
