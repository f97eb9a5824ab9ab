import type { DocumentNode, OperationDefinitionNode } from "graphql";

import type { Database } from "../../store/database/client.ts";
import type { Replicas } from "../../store/replicas/replicas.ts";
import { traceOperation } from "../../tracing.ts";
import { CompiledResult } from "../compiled/result.ts";
import type { Compiler } from "../compiled/use-compiled.ts";
import { type Access, PUBLIC_PAGE_SIZE } from "../schema/context.ts";
import type { CoerceVariables } from "../schema/variables.ts";
import type { NodeCheck } from "./limits.ts";
import { databaseOfQuery } from "./replica-reads.ts";
import type { RequestContext } from "./yoga.ts";

// The common request is answered past the pipeline, whose machinery takes longer than a compiled document does. What the
// pipeline does with a query that is compiled stands here once more, in its order, and is done by the same functions.

interface CompiledRuns {
  coerce: CoerceVariables;
  compiler: Compiler;
  checkNodes: NodeCheck;
  database: Database;
  replicas: Replicas | null;
  maxPageBytes: number;
}

/** An operation to run for a request that was let in. */
interface Operation {
  document: DocumentNode;
  operation: OperationDefinitionNode;
  variables: Record<string, unknown>;
  access: Pick<Access, "scope" | "caller">;
  /** The largest page that it may ask for; what is within more than the public size answers for all of its own size. */
  maxPageSize: number;
}

/**
 * Runs the compiled form of a valid operation. Null for one that has none or asks for too much. Throws what the resolvers
 * would throw of arguments that break a rule, and then rejects with what the database fails with.
 */
export type RunCompiled = (operation: Operation, request: RequestContext) => Promise<CompiledResult> | null;

/** Runs over this database and its replicas. */
export function createRunCompiled(runs: CompiledRuns): RunCompiled {
  return ({ document, operation, variables, access, maxPageSize }, request) => {
    const coerced = runs.coerce(document, operation, variables);
    if ("errors" in coerced) return null;
    const name = operation.name?.value;
    const args = { document, operationName: name, variableValues: variables, contextValue: { maxPageSize } };
    if (maxPageSize <= PUBLIC_PAGE_SIZE && runs.checkNodes(args) !== null) return null;
    const query = runs.compiler(document, operation, coerced.values);
    if (query === null) return null;
    request.log.operation(operation.operation, name);
    const database = databaseOfQuery(runs.database, runs.replicas, access, request);
    const { scope } = access;
    const read = query(coerced.values, { database, scope, maxPageSize, maxPageBytes: runs.maxPageBytes });
    return traceOperation(operation.operation, name, async () => new CompiledResult(await read()));
  };
}
