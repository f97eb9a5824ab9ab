import { type DocumentNode, type ExecutionResult, GraphQLError, parse } from "graphql";

import type { Found } from "./compiled/query.ts";
import { CompiledResult } from "./compiled/result.ts";
import { toCatalogueError } from "./errors.ts";
import type { RequestContext, Yoga } from "./yoga.ts";

/** A document of ours with the shapes of its variables and of its data. */
export interface StoredDocument<Data, Variables> {
  document: DocumentNode;
  /** Only for the types: no value ever carries it. */
  readonly shape?: (variables: Variables) => Data;
}

/** The document with this source, parsed once. Its author answers for the shapes; the tests run every one of them. */
export function storedDocument<Data, Variables>(source: string): StoredDocument<Data, Variables> {
  return { document: parse(source) };
}

/**
 * Runs stored documents for one request through the pipeline that GraphQL clients use, masking and plugins included, so
 * that another surface answers from the same graph. Both throw an ApiError when any part of the document fails.
 */
export interface Run {
  /** The document's data. */
  data<Data, Variables extends object>(stored: StoredDocument<Data, Variables>, variables: Variables): Promise<Data>;
  /** The rows that the document's only root field found, unread, for who writes them in a form of its own. */
  rows<Variables extends object>(stored: StoredDocument<unknown, Variables>, variables: Variables): Promise<Found>;
}

/** A runner of stored documents for the request. */
export function createRun(yoga: Yoga, request: RequestContext): Run {
  const execute = async (document: DocumentNode, variables: object): Promise<ExecutionResult> => {
    // The pipeline would reword why somebody is turned away.
    await request.access;
    const { contextFactory, execute, schema } = yoga.getEnveloped(request);
    const contextValue = await contextFactory();
    const result: ExecutionResult = await execute({ schema, document, variableValues: variables, contextValue });
    const [error] = result.errors ?? [];
    if (error !== undefined) throw error instanceof GraphQLError ? toCatalogueError(error) : error;
    return result;
  };
  return {
    async data<Data, Variables extends object>(stored: StoredDocument<Data, Variables>, variables: Variables) {
      // The one cast of this layer: the executor cannot know the data's shape, the document's author does.
      return (await execute(stored.document, variables)).data as Data;
    },
    async rows(stored, variables) {
      const result = await execute(stored.document, variables);
      const [found] = result instanceof CompiledResult ? result.found.values() : [];
      if (found === undefined) throw new Error("A document that is read as rows must have a compiled form.");
      return found;
    },
  };
}
