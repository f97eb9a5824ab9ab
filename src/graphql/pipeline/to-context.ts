import { ApiError } from "../../model/errors.ts";
import type { Database } from "../../store/database/client.ts";
import type { ChangeFeed } from "../../store/watch/change-feed.ts";
import { type Context, createContext, PUBLIC_PAGE_SIZE } from "../schema/context.ts";
import type { GraphQLRequest } from "./request.ts";

/** The context of a request's resolvers. Throws UNAUTHENTICATED for one without access. */
export type ToContext = (request: GraphQLRequest) => Context;

interface ContextOptions {
  database: Database;
  changes: ChangeFeed;
  maxPageBytes: number;
  maxAnswerBytes: number;
}

/** Contexts over this database, for Yoga and for the way past it. */
export function createToContext(options: ContextOptions): ToContext {
  return ({ access, signal, lastEventId }) => {
    if (access === null) throw new ApiError("UNAUTHENTICATED", "The access of the caller is not known.");
    const { scope, caller, readOnly, watch: watchAccess } = access;
    return createContext({
      ...options,
      scope,
      caller,
      readOnly,
      signal,
      lastEventId,
      watchAccess,
      maxPageSize: PUBLIC_PAGE_SIZE,
    });
  };
}
