import { type DocumentNode, getOperationAST } from "graphql";
import { createLRUCache } from "graphql-yoga";

import { isJsonObject, type JsonObject, parseRequestJson } from "../../model/json.ts";
import { PUBLIC_PAGE_SIZE } from "../schema/context.ts";
import type { RunCompiled } from "./run-compiled.ts";
import type { RequestContext, Yoga } from "./yoga.ts";

// The common request is a POST of JSON whose document has a compiled form. The pipeline parses and validates the document
// once. From then on requests with it pass neither through the pipeline nor through the Fetch API around that.

/**
 * The answer's body, when it has no errors and comes from a compiled document; null where Yoga has to answer. What the
 * database failed with stands in the request then.
 */
export type AnswerQuickly = (body: string, request: RequestContext) => Promise<Buffer | null>;

// What is remembered is bounded by number; a document may be as long as a body.
const LONGEST_REMEMBERED = 10_000;

/** Quick answers over the documents that the pipeline of Yoga accepts. */
export function createQuickAnswers(yoga: Yoga, run: RunCompiled): AnswerQuickly {
  const accepted = createLRUCache<DocumentNode>();
  const accept = (params: Params, request: RequestContext): DocumentNode | null => {
    const known = accepted.get(params.query);
    if (known !== undefined) return known;
    const document = attempt(() => parseValid(yoga, params, request));
    if (document !== null && params.query.length <= LONGEST_REMEMBERED) accepted.set(params.query, document);
    return document;
  };
  return async (body, request) => {
    const params = readParams(body);
    const { access } = request;
    if (params === null || access instanceof Promise) return null;
    const document = accept(params, request);
    const operation = document && getOperationAST(document, params.operationName);
    if (!document || operation?.operation !== "query") return null;
    const { variables = {} } = params;
    const asked = { document, operation, variables, scope: access.scope, maxPageSize: PUBLIC_PAGE_SIZE };
    const reading = attempt(() => run(asked, request));
    if (reading === null) return null;
    try {
      return (await reading).toBytes();
    } catch (error) {
      request.failure = error;
      return null;
    }
  };
}

/** The document, when its syntax, the limits and the schema allow it; null or an error for any other. */
function parseValid(yoga: Yoga, params: Params, request: RequestContext): DocumentNode | null {
  // What the pipeline looks at of a request while it parses: it marks what it finds wrong for good, in its own cache.
  const posted = Object.assign(request, { request: { method: "POST" }, params });
  const { parse, validate, schema } = yoga.getEnveloped(posted);
  const document = parse(params.query);
  return validate(schema, document).length === 0 ? document : null;
}

/** The media type of the answer, of those that the caller accepts; null where Yoga has to choose. */
export function chooseMediaType(accept = "*/*"): string | null {
  const [first = ""] = accept.split(",", 1);
  const type = first.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  if (accept.includes("charset")) return null;
  if (type === "*/*" || type === "application/json") return "application/json";
  return type === "application/graphql-response+json" ? type : null;
}

interface Params {
  query: string;
  variables?: JsonObject | undefined;
  operationName?: string | undefined;
}

const PARAMETERS = new Set(["query", "operationName", "variables", "extensions"]);

/** The parameters of a request that has nothing unusual; null for any other. */
function readParams(body: string): Params | null {
  const params = attempt(() => parseRequestJson(body));
  if (!isJsonObject(params) || typeof params.query !== "string") return null;
  const { query, operationName, variables, extensions } = params;
  const isUsual =
    Object.keys(params).every((name) => PARAMETERS.has(name)) &&
    (extensions == null || isJsonObject(extensions)) &&
    (operationName == null || typeof operationName === "string") &&
    (variables == null || isJsonObject(variables));
  if (!isUsual) return null;
  return {
    query,
    variables: isJsonObject(variables) ? variables : undefined,
    operationName: typeof operationName === "string" ? operationName : undefined,
  };
}

/** What the step gives; null for what it finds wrong, which Yoga will find too. */
function attempt<Result>(step: () => Result): Result | null {
  try {
    return step();
  } catch {
    return null;
  }
}
