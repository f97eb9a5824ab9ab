import { DEFAULT_PAGE_SIZE, type PageArguments } from "../../relay/page.ts";
import type { Database } from "../../store/database/client.ts";
import type { Caller } from "../../store/database/requester.ts";
import type { AccessWatch } from "../../store/keys/key-ring.ts";
import type { Scope } from "../../store/sql/scope.ts";
import type { ChangeFeed } from "../../store/watch/change-feed.ts";
import { createLoaders, type Loaders } from "./loaders.ts";

/** The access that the caller of a request has. */
export interface Access {
  /** The data that the caller may see. */
  scope: Scope;
  /** The caller in whose turn the request's statements run. */
  caller: Caller;
  /** Whether the caller may change nothing. */
  readOnly: boolean;
  /** Watches for the end of the caller's access. LIMIT_EXCEEDED for a caller with too many of these already. */
  watch(): AccessWatch;
}

/** The state that every resolver of one request shares. */
export interface Context {
  database: Database;
  /** The data that the caller may see. */
  scope: Scope;
  /** The caller in whose turn the request's statements run. */
  caller: Caller;
  /** Whether the caller may change nothing. */
  readOnly: boolean;
  /** The largest page that the caller may request. */
  maxPageSize: number;
  /** The most bytes of turns in one read: a page of turns ends before it has more. */
  maxPageBytes: number;
  /** The most bytes of an answer, and of the rows that are read for it. */
  maxAnswerBytes: number;
  /** Aborted once the request has been abandoned. */
  signal: AbortSignal;
  /** The id of the last event that the caller has seen of a subscription, where the request names one; else null. */
  lastEventId: string | null;
  /** Sends and receives notifications of changes between processes. */
  changes: ChangeFeed;
  /** Watches for the end of the caller's access. */
  watchAccess(): AccessWatch;
  /** Replaced after each write, because they cache what they read. */
  loaders: Loaders;
}

/** The largest page for GraphQL clients. The REST shims run their own documents with limits of their own. */
export const PUBLIC_PAGE_SIZE = 100;

/**
 * The number of objects that a page may hold, for the limit on a document; a size out of range counts as the nearest
 * valid one, and has an error of its own.
 */
export function pageComplexity({ first, last }: PageArguments): { field: number; multiplier: number } {
  const size = Math.min(Math.max(first ?? last ?? DEFAULT_PAGE_SIZE, 0), PUBLIC_PAGE_SIZE);
  return { field: size, multiplier: size };
}

/** A context for one request, with loaders of its own. */
export function createContext(request: Omit<Context, "loaders">): Context {
  return { ...request, loaders: createLoaders(request) };
}
