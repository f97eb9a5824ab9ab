import {
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  NoSchemaIntrospectionCustomRule,
} from "graphql";
import { createYoga, isAsyncIterable, mapAsyncIterator, type Plugin, type YogaServerInstance } from "graphql-yoga";
import { type Database, failingDatabase, untilAborted } from "../../store/database/client.ts";
import type { Replicas } from "../../store/replicas/replicas.ts";
import type { Changes } from "../../store/watch/change-feed.ts";
import { type Compiler, useCompiled } from "../compiled/use-compiled.ts";
import { type Context, createContext, PUBLIC_PAGE_SIZE } from "../schema/context.ts";
import { type AccessContext, useAccess } from "./access.ts";
import { toPublicError } from "./errors.ts";
import { type DocumentLimits, type NodeCheck, useLimits } from "./limits.ts";
import { parseBody, parseQuery } from "./parse-request.ts";
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

/** What the server knows of a request before GraphQL does. */
export interface RequestContext extends AccessContext, Consistency {
  requestId: string;
  log: OperationLog;
}

export type Yoga = YogaServerInstance<RequestContext, Context>;

export interface YogaOptions {
  schema: GraphQLSchema;
  database: Database;
  /** Where queries may read instead; null for none. */
  replicas: Replicas | null;
  changes: Changes;
  introspection: boolean;
  compiler: Compiler;
  /** Whether documents of callers are compiled. */
  compileDocuments: boolean;
  checkNodes: NodeCheck;
  maxBodyBytes: number;
  limits: DocumentLimits;
}

/** The GraphQL pipeline. It has no routes, pages or origins of its own: the server has. */
export function createGraphQL(options: YogaOptions): Yoga {
  const { schema, database, replicas, changes, introspection, maxBodyBytes, limits, checkNodes } = options;
  const { compiler, compileDocuments } = options;
  return createYoga<RequestContext, Context>({
    schema,
    context: async ({ access, signal, failure }) => {
      const { scope, watch: watchAccess } = await access;
      const source = failure === undefined ? untilAborted(database, signal) : failingDatabase(database, failure);
      return createContext({ database: source, changes, scope, watchAccess, maxPageSize: PUBLIC_PAGE_SIZE });
    },
    maskedErrors: { maskError: toPublicError },
    maxRequestBodySize: maxBodyBytes,
    cors: false,
    graphiql: false,
    landingPage: false,
    multipart: false,
    batching: false,
    logging: false,
    plugins: [
      useExactNumbers(),
      useAccess(),
      ...useLimits(limits, checkNodes),
      ...(introspection ? [] : [useNoIntrospection()]),
      ...(replicas === null ? [] : [useReplicas(replicas)]),
      ...(compileDocuments ? [useCompiled(compiler)] : []),
      useRequestLog(),
      useTracing(),
    ],
  });
}

/** Reads the parameters so that an integer that no double can hold keeps its digits in the arguments of a function call. */
function useExactNumbers(): Plugin {
  return {
    onRequestParse: ({ request, setRequestParser }) => {
      setRequestParser(request.method === "POST" ? parseBody : parseQuery);
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
  // Copies: the same invalid document gives the same error objects to requests that run at the same time.
  return { ...result, errors: result.errors.map((error) => withRequestId(error, requestId)) };
}

function withRequestId(error: GraphQLError, requestId: string): GraphQLError {
  const { message, nodes, source, positions, path, originalError, extensions } = error;
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
    path: path ?? null,
    originalError: originalError ?? null,
    extensions: { ...extensions, requestId },
  });
}

/** Tells nothing of the schema: no introspection, and no names that a wrong one is close to. */
function useNoIntrospection(): Plugin {
  return {
    onValidate({ addValidationRule }) {
      addValidationRule(NoSchemaIntrospectionCustomRule);
    },
    onResultProcess({ result }) {
      if (Array.isArray(result) || !("errors" in result)) return;
      for (const error of result.errors ?? []) error.message = error.message.replace(/ Did you mean .*\?$/, "");
    },
  };
}
