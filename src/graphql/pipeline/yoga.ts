import {
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  NoSchemaIntrospectionCustomRule,
  validate,
} from "graphql";
import { createYoga, isAsyncIterable, mapAsyncIterator, type Plugin, type YogaServerInstance } from "graphql-yoga";

import { ApiError } from "../../model/errors.ts";
import { type Database, databaseFailingWith, forRequest } from "../../store/database/client.ts";
import { createRequester } from "../../store/database/requester.ts";
import type { Replicas } from "../../store/replicas/replicas.ts";
import type { ChangeFeed } from "../../store/watch/change-feed.ts";
import { type Compiler, useCompiled } from "../compiled/use-compiled.ts";
import { type Access, type Context, createContext, PUBLIC_PAGE_SIZE } from "../schema/context.ts";
import { type CoerceVariables, useVariables } from "../schema/variables.ts";
import { type DocumentCache, useDocumentCache } from "./document-cache.ts";
import { toAnswered, toPublicError } from "./errors.ts";
import { type DocumentLimits, type NodeCheck, useLimits } from "./limits.ts";
import type { Params } from "./parse-request.ts";
import { type Consistency, useReplicas } from "./replica-reads.ts";
import { useTracing } from "./tracing.ts";

/** Where the pipeline tells what happened. */
interface OperationLog {
  operation(type: string, name: string | undefined): void;
  /** Told every error of the server that an answer carries, with its cause. */
  error(error: unknown): void;
  /** Told the code of every error that an answer carries. */
  errorCode(code: string): void;
}

/** What the server knows of a request before a surface does. */
export interface RequestContext extends Consistency {
  requestId: string;
  log: OperationLog;
}

/** What it knows of a request before GraphQL does. */
export interface GraphQLRequest extends RequestContext {
  params: Params;
  /** Null for a request that is refused before it is known who sent it. */
  access: Access | null;
}

export type Yoga = YogaServerInstance<GraphQLRequest, Context>;

export interface YogaOptions {
  schema: GraphQLSchema;
  database: Database;
  /** Where queries may read instead; null for none. */
  replicas: Replicas | null;
  changes: ChangeFeed;
  introspection: boolean;
  documents: DocumentCache;
  coerce: CoerceVariables;
  compiler: Compiler;
  /** Whether documents of callers are compiled. */
  compileDocuments: boolean;
  checkNodes: NodeCheck;
  maxPageBytes: number;
  limits: DocumentLimits;
}

/** The GraphQL pipeline. It has no routes, pages or origins of its own: the server has. */
export function createGraphQL(options: YogaOptions): Yoga {
  const { schema, database, replicas, changes, introspection, limits, checkNodes } = options;
  const { documents, coerce, compiler, compileDocuments, maxPageBytes } = options;
  return createYoga<GraphQLRequest, Context>({
    schema,
    context: async ({ access, signal, failure }) => {
      if (access === null) throw new ApiError("UNAUTHENTICATED", "Nobody was let in.");
      const { scope, caller, watch: watchAccess } = access;
      const source =
        failure === undefined
          ? forRequest(database, createRequester(caller, signal))
          : databaseFailingWith(database, failure);
      const asked = { scope, caller, signal, watchAccess, maxPageSize: PUBLIC_PAGE_SIZE, maxPageBytes };
      return createContext({ ...asked, database: source, changes });
    },
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
      useRequestLog(),
      useVariables(coerce),
      ...useLimits(limits, checkNodes),
      ...(replicas === null ? [] : [useReplicas(replicas)]),
      ...(compileDocuments ? [useCompiled(compiler, coerce)] : []),
      useTracing(),
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

/**
 * Validates without names that a wrong one is close to. Suggestions would tell what the schema has, and take longer to find and
 * to take out again the longer a name a caller makes up.
 */
function useValidation(introspection: boolean): Plugin {
  return {
    onValidate({ addValidationRule, setValidationFn }) {
      if (!introspection) addValidationRule(NoSchemaIntrospectionCustomRule);
      setValidationFn((schema, document, rules) => validate(schema, document, rules, { hideSuggestions: true }));
    },
  };
}

/** Tells the log what is run and what fails, and puts the request's id on every error that leaves. */
function useRequestLog(): Plugin<Context & RequestContext, RequestContext> {
  const tellOperation = ({ args }: { args: ExecutionArgs & { contextValue: RequestContext } }) => {
    const found = getOperationAST(args.document, args.operationName);
    if (found) args.contextValue.log.operation(found.operation, found.name?.value);
  };
  return {
    onExecute: tellOperation,
    onSubscribe: tellOperation,
    onResultProcess({ result, setResult, serverContext }) {
      if (Array.isArray(result)) return;
      const tell = (one: ExecutionResult) => tellErrors(one, serverContext);
      setResult(isAsyncIterable(result) ? mapAsyncIterator(result, tell) : tell(result));
    },
  };
}

/** The result with the request's id on its errors. The log is told those of the server. */
function tellErrors(result: ExecutionResult, { log, requestId, signal }: RequestContext): ExecutionResult {
  if (result.errors === undefined) return result;
  for (const { originalError } of result.errors) {
    // What GraphQL itself finds wrong is the caller's fault, and its words quote what he sent. Statements of one who left are
    // cancelled, which is no failure.
    if (!signal.aborted && originalError && !(originalError instanceof GraphQLError)) log.error(originalError);
  }
  for (const { extensions } of result.errors) {
    if (typeof extensions.code === "string") log.errorCode(extensions.code);
  }
  return toAnswered(result, requestId);
}
