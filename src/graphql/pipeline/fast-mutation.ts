import { type DocumentNode, type ExecutionResult, execute, type GraphQLSchema, getOperationAST } from "graphql";

import type { Replicas } from "../../store/replicas/replicas.ts";
import type { BeginOperation } from "./begin-operation.ts";
import type { DocumentCache } from "./document-cache.ts";
import type { AnswerFastPost, GraphQLRequest } from "./request.ts";
import type { ToContext } from "./to-context.ts";
import { isWithin } from "./use-answer-limit.ts";
import { executeBegun, resolved } from "./use-operations.ts";

// Yoga's machinery and the Fetch API around it take longer than an append does.

interface Mutating {
  schema: GraphQLSchema;
  /** The documents that the pipeline has accepted. */
  documents: DocumentCache;
  begin: BeginOperation;
  replicas: Replicas | null;
  toContext: ToContext;
  maxAnswerBytes: number;
}

/**
 * Executes mutations past Yoga, whose pipeline has accepted their documents before. A result with errors, and one that is too long,
 * goes to Yoga as it is: Yoga words it, and executes nothing again.
 */
export function createFastMutation({ documents, maxAnswerBytes, ...common }: Mutating): AnswerFastPost {
  return async (request) => {
    const { query, operationName } = request.params;
    const document = documents.get(query);
    const isMutation = document && getOperationAST(document, operationName)?.operation === "mutation";
    if (!isMutation || request.access === null) return null;
    const executing = mutate(request, common, document);
    const result = await executing.catch(() => null);
    if (result?.data && result.errors === undefined && isWithin(result.data, maxAnswerBytes)) {
      return Buffer.from(JSON.stringify(result));
    }
    request.executed = executing;
    return null;
  };
}

async function mutate(
  request: GraphQLRequest,
  { schema, begin, replicas, toContext }: Omit<Mutating, "documents" | "maxAnswerBytes">,
  document: DocumentNode,
): Promise<ExecutionResult> {
  const { variables, operationName } = request.params;
  const contextValue = { ...request, ...toContext(request) };
  const args = { schema, document, contextValue, variableValues: variables, operationName };
  return executeBegun(begin, replicas, args, resolved(execute));
}
