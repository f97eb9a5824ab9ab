import { type DocumentNode, type ExecutionResult, GraphQLError, parse } from "graphql";

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

/** Runs a stored document for one request. Throws an ApiError when any part of it fails. */
export type Run = <Data, Variables extends object>(
  stored: StoredDocument<Data, Variables>,
  variables: Variables,
) => Promise<Data>;

/**
 * A runner of stored documents through the pipeline that GraphQL clients use, masking and plugins included, so that
 * another surface answers from the same resolvers.
 */
export function createRun(yoga: Yoga, request: RequestContext): Run {
  return async <Data, Variables extends object>(stored: StoredDocument<Data, Variables>, variables: Variables) => {
    const { contextFactory, execute, schema } = yoga.getEnveloped(request);
    const result: ExecutionResult = await execute({
      schema,
      document: stored.document,
      variableValues: variables,
      contextValue: await contextFactory(),
    });
    const [error] = result.errors ?? [];
    if (error !== undefined) throw error instanceof GraphQLError ? toCatalogueError(error) : error;
    // The one cast of this layer: the executor cannot know the data's shape, the document's author does.
    return result.data as Data;
  };
}
