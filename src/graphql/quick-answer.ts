import { type ExecutionResult, getOperationAST } from "graphql";
import type { Plugin } from "graphql-yoga";

import { isJsonObject, type JsonObject, parseRequestJson } from "../json.ts";
import { CompiledResult } from "./compiled/result.ts";
import type { Compiler } from "./compiled/use-compiled.ts";
import type { RequestContext, Yoga } from "./yoga.ts";

// The common request is a POST of JSON whose document has a compiled form. It passes through the pipeline's own parsing,
// validation, limits and execution, but not through the Fetch API around them, which takes longer than all of these.

// What the pipeline looks at of a request while it parses: it marks what it finds wrong for good, in its cache of documents.
const POST = { method: "POST" };

/** A result that the pipeline gave already, for Yoga to answer with. */
export interface ReadyResult {
  result?: ExecutionResult;
}

/** Has Yoga answer with the result that is ready, instead of executing again. */
export function useReadyResult(): Plugin<object, ReadyResult> {
  return {
    onParams({ context, setResult }) {
      if (context.result !== undefined) setResult(context.result);
    },
  };
}

/**
 * The answer's body, when it has no errors and comes from a compiled document; null where Yoga has to answer. What was
 * executed and has errors stands in the context then.
 */
export async function answerQuickly(
  yoga: Yoga,
  compiler: Compiler,
  body: string,
  context: RequestContext & ReadyResult,
): Promise<Buffer | null> {
  const params = readParams(body);
  if (params === null) return null;
  const { query, variables = {}, operationName } = params;
  const posted = Object.assign(context, { request: POST, params });
  const { parse, validate, contextFactory, execute, schema } = yoga.getEnveloped(posted);
  const document = attempt(() => parse(query));
  if (document === null || attempt(() => validate(schema, document))?.length !== 0) return null;
  const operation = getOperationAST(document, operationName);
  if (!operation || compiler(document, operation, variables) === null) return null;
  const result: ExecutionResult = await execute({
    schema,
    document,
    variableValues: variables,
    operationName,
    contextValue: await contextFactory(),
  });
  if (result instanceof CompiledResult) return result.stringify();
  context.result = result;
  return null;
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

/** The parameters of a request that has nothing unusual; null for any other. */
function readParams(body: string): Params | null {
  const params = attempt(() => parseRequestJson(body));
  if (!isJsonObject(params) || typeof params.query !== "string") return null;
  const { query, operationName, variables, extensions, ...others } = params;
  const isUsual =
    Object.keys(others).length === 0 &&
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
