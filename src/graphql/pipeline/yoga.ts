import { type ExecutionResult, GraphQLError, type GraphQLSchema } from "graphql";
import { createYoga, isAsyncIterable, mapAsyncIterator, type Plugin, type YogaServerInstance } from "graphql-yoga";

import type { Replicas } from "../../store/replicas/replicas.ts";
import type { Context } from "../schema/context.ts";
import type { BeginOperation } from "./begin-operation.ts";
import { type DocumentCache, useDocumentCache } from "./document-cache.ts";
import { toAnswered, toPublicError } from "./errors.ts";
import { type DocumentLimits, useLimits } from "./limits.ts";
import type { GraphQLRequest, RequestContext } from "./request.ts";
import type { ToContext } from "./to-context.ts";
import { useAnswerLimit } from "./use-answer-limit.ts";
import { useEventStream } from "./use-event-stream.ts";
import { useOperations, useResolvedCount } from "./use-operations.ts";
import { type EventSources, useSharedEvents } from "./use-shared-events.ts";
import { useValidation } from "./use-validation.ts";

export type Yoga = YogaServerInstance<GraphQLRequest, Context>;

export interface YogaOptions {
  schema: GraphQLSchema;
  /** Where queries may read instead; null for none. */
  replicas: Replicas | null;
  introspection: boolean;
  documents: DocumentCache;
  begin: BeginOperation;
  /** Takes the place of the resolvers where it can; null for none. */
  compiled: Plugin<Context & RequestContext> | null;
  toContext: ToContext;
  maxAnswerBytes: number;
  limits: DocumentLimits;
}

/** The GraphQL pipeline. It has no routes, pages or origins of its own: the server has. */
export function createGraphQL(options: YogaOptions): Yoga {
  const { schema, replicas, introspection, limits } = options;
  const { documents, begin, compiled, toContext, maxAnswerBytes } = options;
  const sources: EventSources = new WeakMap();
  return createYoga<GraphQLRequest, Context>({
    schema,
    context: async (request) => toContext(request),
    maskedErrors: { maskError: toPublicError },
    // The server has read the body already.
    maxRequestBodySize: false,
    parserAndValidationCache: false,
    cors: false,
    graphiql: false,
    landingPage: false,
    multipart: false,
    batching: false,
    logging: false,
    plugins: [
      useParams(),
      useValidation(introspection),
      useDocumentCache(documents),
      ...useLimits(limits),
      useErrorLog(),
      useAnswerLimit(maxAnswerBytes),
      useEventStream(sources),
      useSharedEvents(maxAnswerBytes, sources),
      useResolvedCount(),
      ...(compiled === null ? [] : [compiled]),
      useOperations(begin, replicas),
      useShortRefusal(),
    ],
  });
}

/** Takes the parameters as the server read them. */
function useParams(): Plugin<object, GraphQLRequest> {
  return {
    onRequestParse: ({ serverContext, setRequestParser }) => {
      setRequestParser(() => ({ ...serverContext.params }));
    },
  };
}

/**
 * Names each media type once to a caller who accepts none of them. Yoga names all of them for every one that the caller
 * named: megabytes of headers, which no client reads.
 */
function useShortRefusal(): Plugin {
  return {
    onResponse({ response: { status, headers } }) {
      const types = headers.get("accept");
      if (status === 406 && types !== null) headers.set("accept", [...new Set(types.split(", "))].join(", "));
    },
  };
}

/** Logs what fails, and puts the request's id on every error that leaves. */
function useErrorLog(): Plugin<Context & RequestContext, RequestContext> {
  return {
    onResultProcess({ result, setResult, serverContext }) {
      if (Array.isArray(result)) return;
      const log = (isEvent: boolean) => (one: ExecutionResult) => logErrors(one, serverContext, isEvent);
      setResult(isAsyncIterable(result) ? mapAsyncIterator(result, log(true)) : log(false)(result));
    },
  };
}

/** The result with the request's id on its errors. Those of the server are logged. */
function logErrors(
  result: ExecutionResult,
  { log, requestId, signal }: RequestContext,
  isEvent: boolean,
): ExecutionResult {
  if (result.errors === undefined) return result;
  for (const { originalError } of result.errors) {
    // What GraphQL itself finds wrong is the caller's fault, and its words quote what was sent. Statements of a caller that has
    // left are cancelled, which is no failure.
    if (!signal.aborted && originalError && !(originalError instanceof GraphQLError)) log.error(originalError);
  }
  for (const { extensions } of result.errors) {
    if (typeof extensions.code === "string") log.errorCode(extensions.code);
  }
  return toAnswered(result, requestId, isEvent);
}
