import { type DocumentNode, GraphQLError, type OperationDefinitionNode } from "graphql";

import { readOnlyCaller } from "../../model/errors.ts";
import { type Database, databaseFailingWith, forRequest } from "../../store/database/client.ts";
import { createRequester } from "../../store/database/requester.ts";
import type { Replicas } from "../../store/replicas/replicas.ts";
import { traceOperation } from "../../tracing.ts";
import { type Access, PUBLIC_PAGE_SIZE } from "../schema/context.ts";
import type { CoerceVariables } from "../schema/variables.ts";
import type { NodeCheck } from "./limits.ts";
import type { RequestContext } from "./request.ts";

/** A valid operation of a caller that was let in. */
export interface Operation {
  document: DocumentNode;
  operation: OperationDefinitionNode;
  /** As the caller gave them. */
  variables: Record<string, unknown>;
  access: Pick<Access, "scope" | "caller" | "readOnly">;
  /** The largest page that it may ask for; a document that may go beyond the public size answers for its own size. */
  maxPageSize: number;
}

/** An operation that may be executed. */
interface Begun {
  /** The variables as their types take them. */
  values: Record<string, unknown>;
  /** Where the operation reads; its statements count as the caller's, and end when the caller has left. */
  database: Database;
  /** Executes the operation, and traces that. */
  execute<Result>(work: () => Result): Result;
}

/** Takes an operation through all that comes before its execution; or says what is wrong with it. */
export type BeginOperation = (
  operation: Operation,
  request: RequestContext,
) => Begun | { errors: readonly GraphQLError[] };

interface Steps {
  coerce: CoerceVariables;
  checkNodes: NodeCheck;
  database: Database;
  /** Where queries may read instead; null for none. */
  replicas: Replicas | null;
}

/** The order of these steps stands here, once: for Yoga, for the fast way past it, and for the documents of other surfaces. */
export function createBeginOperation({ coerce, checkNodes, database, replicas }: Steps): BeginOperation {
  return ({ document, operation, variables, access, maxPageSize }, request) => {
    const [type, name] = [operation.operation, operation.name?.value];
    request.log.operation(type, name);
    if (type === "mutation" && access.readOnly) return { errors: [refuseMutation()] };
    const coerced = coerce(document, operation, variables);
    if ("errors" in coerced) return coerced;
    const args = { document, operationName: name, variableValues: variables, contextValue: { maxPageSize } };
    const excess = maxPageSize > PUBLIC_PAGE_SIZE ? null : checkNodes(args);
    if (excess !== null) return { errors: [excess] };
    // Mutations and subscriptions keep the primary for everything: what they read decides what is written, or follows what
    // was committed this moment.
    const nearest = type === "query" ? replicas?.forQuery(access.scope, request.position) : undefined;
    return {
      values: coerced.values,
      database: databaseOf(nearest ?? database, access, request),
      execute: (work) => traceOperation(type, name, work),
    };
  };
}

// Its status is that of a caller without access, under both media types.
function refuseMutation(): GraphQLError {
  const { message, code, status } = readOnlyCaller();
  return new GraphQLError(message, { extensions: { code, http: { status } } });
}

function databaseOf(
  database: Database,
  { caller }: Pick<Access, "caller">,
  { signal, failure }: Pick<RequestContext, "signal" | "failure">,
): Database {
  if (failure !== undefined) return databaseFailingWith(database, failure);
  return forRequest(database, createRequester(caller, signal));
}
