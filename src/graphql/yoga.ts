import { type GraphQLSchema, NoSchemaIntrospectionCustomRule } from "graphql";
import { createYoga, type Plugin, type YogaServerInstance } from "graphql-yoga";

import type { Changes } from "../store/changes.ts";
import type { Database } from "../store/client.ts";
import type { Scope } from "../store/scope.ts";
import { type Context, createContext, PUBLIC_PAGE_SIZE } from "./context.ts";
import { toPublicError } from "./errors.ts";
import { parseBody } from "./parse-body.ts";

/** What the server knows of a request before GraphQL does. */
export interface RequestContext {
  requestId: string;
  scope: Scope;
  /** Told every error that an answer carries, with its cause. */
  reportError(error: unknown): void;
  /** The largest page that the document may ask for; the public one when left out. */
  maxPageSize?: number;
}

export type Yoga = YogaServerInstance<RequestContext, Context>;

export interface YogaOptions {
  schema: GraphQLSchema;
  database: Database;
  changes: Changes;
  introspection: boolean;
  maxBodyBytes: number;
}

/** The GraphQL pipeline. It has no routes, pages or origins of its own: the server has. */
export function createGraphQL({ schema, database, changes, introspection, maxBodyBytes }: YogaOptions): Yoga {
  return createYoga<RequestContext, Context>({
    schema,
    context: ({ scope, maxPageSize }) => createContext(database, changes, scope, maxPageSize ?? PUBLIC_PAGE_SIZE),
    maskedErrors: { maskError: toPublicError },
    maxRequestBodySize: maxBodyBytes,
    cors: false,
    graphiql: false,
    landingPage: false,
    multipart: false,
    batching: false,
    logging: false,
    plugins: [useExactNumbers(), useRequestId(), ...(introspection ? [] : [useNoIntrospection()])],
  });
}

/** Reads the body so that an integer that no double can hold keeps its digits in the arguments of a function call. */
function useExactNumbers(): Plugin {
  return {
    onRequestParse: ({ request, setRequestParser }) => {
      if (request.method === "POST") setRequestParser(parseBody);
    },
  };
}

/** Puts the request's id on every error that leaves, and tells the server of each. */
function useRequestId(): Plugin<Context, RequestContext> {
  return {
    onResultProcess({ result, serverContext }) {
      if (Array.isArray(result) || !("errors" in result) || result.errors === undefined) return;
      for (const error of result.errors) {
        serverContext.reportError(error.originalError ?? error);
        error.extensions["requestId"] = serverContext.requestId;
      }
    },
  };
}

function useNoIntrospection(): Plugin {
  return {
    onValidate({ addValidationRule }) {
      addValidationRule(NoSchemaIntrospectionCustomRule);
    },
  };
}
