import { getOperationAST } from "graphql";

import { isLimitExceeded } from "../../model/errors.ts";
import { PUBLIC_PAGE_SIZE } from "../schema/context.ts";
import type { DocumentCache } from "./document-cache.ts";
import type { RunCompiled } from "./run-compiled.ts";
import type { GraphQLRequest } from "./yoga.ts";

// The common request is a POST of JSON whose document has a compiled form. The pipeline parses and validates the document
// once. From then on requests with it pass neither through the pipeline nor through the Fetch API around that.

/**
 * The answer's body, when it has no errors and comes from a compiled document; null where Yoga has to answer. What the
 * database failed with stands in the request then.
 */
export type AnswerFastPost = (request: GraphQLRequest) => Promise<Buffer | null>;

/** Quick answers over the documents that the pipeline of Yoga has accepted. */
export function createFastPost(documents: DocumentCache, run: RunCompiled): AnswerFastPost {
  return async (request) => {
    const { params, access } = request;
    const document = documents.get(params.query);
    const operation = document && getOperationAST(document, params.operationName);
    if (access === null || !document || operation?.operation !== "query") return null;
    const { variables = {} } = params;
    const asked = { document, operation, variables, access, maxPageSize: PUBLIC_PAGE_SIZE };
    const reading = attempt(() => run(asked, request));
    if (reading === null) return null;
    try {
      return (await reading).toBytes();
    } catch (error) {
      if (!isLimitExceeded(error)) request.failure = error;
      return null;
    }
  };
}

/** The media type of the answer, of those that the caller accepts; null where Yoga has to choose. */
export function chooseMediaType(accept = "*/*"): string | null {
  const [first = ""] = accept.split(",", 1);
  const type = first.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  if (accept.includes("charset")) return null;
  if (type === "*/*" || type === "application/json") return "application/json";
  return type === "application/graphql-response+json" ? type : null;
}

/** What the step gives; null for what it finds wrong, which Yoga will find too. */
function attempt<Result>(step: () => Result): Result | null {
  try {
    return step();
  } catch {
    return null;
  }
}
