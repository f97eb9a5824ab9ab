import { getOperationAST } from "graphql";

import type { DocumentCache } from "../pipeline/document-cache.ts";
import type { AnswerFastPost } from "../pipeline/request.ts";
import { PUBLIC_PAGE_SIZE } from "../schema/context.ts";
import { failureOf, orResolve } from "./fallback.ts";
import { answerBytes } from "./result.ts";
import type { RunCompiled } from "./run-compiled.ts";

// The common request is a POST of JSON with a document that has a compiled form. The pipeline parses and validates the document
// once. Later requests with it pass neither through the pipeline nor through the Fetch API around it.

/** Answers over the documents that the pipeline of Yoga has accepted. */
export function createFastPost(documents: DocumentCache, run: RunCompiled, maxBytes: number): AnswerFastPost {
  return async (request) => {
    const { params, access, log } = request;
    const document = documents.get(params.query);
    const operation = document && getOperationAST(document, params.operationName);
    if (access === null || !document || operation?.operation !== "query") return null;
    const { variables = {} } = params;
    const asked = { document, operation, variables, access, maxPageSize: PUBLIC_PAGE_SIZE };
    const reading = orResolve(log, () => run(asked, request));
    if (reading === null) return null;
    try {
      const bytes = answerBytes(await reading, maxBytes);
      log.document("compiled");
      return bytes;
    } catch (error) {
      request.failure = failureOf(error, request);
      return null;
    }
  };
}
