import { DEFAULT_PAGE_SIZE, type PageArguments } from "../../relay/page.ts";
import type { Database } from "../../store/database/client.ts";
import type { Caller } from "../../store/database/requester.ts";
import type { Admission } from "../../store/keys/key-ring.ts";
import type { Scope } from "../../store/sql/scope.ts";
import type { ChangeFeed } from "../../store/watch/change-feed.ts";
import { createLoaders, type Loaders } from "./loaders.ts";

/** How the caller of a request was let in. */
export interface Access {
  /** What the caller may see. */
  scope: Scope;
  /** Whose turn it is when the database gets to what the request asks. */
  caller: Caller;
  /** Tells when the caller would not be let in any more. LIMIT_EXCEEDED for one that has too many of these already. */
  watch(): Admission;
}

/** What every resolver of one request sees. */
export interface Context {
  database: Database;
  /** What the caller may see. */
  scope: Scope;
  /** Whose turn it is when the database gets to what the request asks. */
  caller: Caller;
  /** The largest page that the caller may ask for. */
  maxPageSize: number;
  /** How many bytes the turns of one read may have: a page of turns ends before there are more. */
  maxPageBytes: number;
  /** Aborted when the caller has left. */
  signal: AbortSignal;
  /** Exchanges with the other processes which conversations were written. */
  changes: ChangeFeed;
  /** Tells when the caller would not be let in any more. */
  watchAccess(): Admission;
  /** Replaced after each write, as they keep what they read. */
  loaders: Loaders;
}

/** What GraphQL clients may ask of one page. The REST shims run their own documents with limits of their own. */
export const PUBLIC_PAGE_SIZE = 100;

/** The objects that a page may hold, for the limit on what a document asks for; sizes out of range get an error of their own. */
export function pageComplexity({ first, last }: PageArguments): { field: number; multiplier: number } {
  const size = Math.min(Math.max(first ?? last ?? DEFAULT_PAGE_SIZE, 0), PUBLIC_PAGE_SIZE);
  return { field: size, multiplier: size };
}

/** A context of its own for each request: its loaders remember what they read. */
export function createContext(request: Omit<Context, "loaders">): Context {
  return { ...request, loaders: createLoaders(request) };
}
