import { type DocumentNode, getOperationAST, type OperationDefinitionNode, parse } from "graphql";

import type { RootResult } from "../compiled/query.ts";
import type { Access } from "../schema/context.ts";
import type { RunCompiled } from "./run-compiled.ts";
import type { RequestContext } from "./yoga.ts";

/** A document of ours with one root field, over which another surface reads the graph. */
export interface StoredDocument<Variables> {
  document: DocumentNode;
  operation: OperationDefinitionNode;
  /** Only for the types: no value ever carries it. */
  readonly shape?: (variables: Variables) => void;
}

/** The document with this source, parsed once. Its author answers for its size and its variables; the tests run every one of them. */
export function storedDocument<Variables>(source: string): StoredDocument<Variables> {
  const document = parse(source);
  const operation = getOperationAST(document);
  if (!operation) throw new Error("A stored document has one operation.");
  return { document, operation };
}

/**
 * Runs stored documents for one request, so that another surface answers from the same graph: gives the rows that the root
 * field found, unread, for who writes them in a form of its own. Rejects as the database does.
 */
export type Run = <Variables extends Record<string, unknown>>(
  stored: StoredDocument<Variables>,
  variables: Variables,
) => Promise<RootResult>;

/** A runner of stored documents for the request of a caller with this access. */
export function createRun(run: RunCompiled, access: Access, request: RequestContext): Run {
  return async ({ document, operation }, variables) => {
    // The lists check their page sizes themselves, and may read more turns than a client may.
    const asked = { document, operation, variables, access, maxPageSize: Number.MAX_SAFE_INTEGER };
    const result = await run(asked, request);
    const [found] = result?.found.values() ?? [];
    if (found === undefined) throw new Error("A stored document must have a compiled form.");
    return found;
  };
}
