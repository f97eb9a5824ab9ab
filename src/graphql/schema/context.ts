import { DEFAULT_PAGE_SIZE, type PageArguments } from "../../relay/page.ts";
import type { Database } from "../../store/database/client.ts";
import type { Admission } from "../../store/keys/key-ring.ts";
import type { Scope } from "../../store/sql/scope.ts";
import type { Changes } from "../../store/watch/change-feed.ts";
import { createLoaders, type Loaders } from "./loaders.ts";

/** What every resolver of one request sees. */
export interface Context {
  database: Database;
  /** What the caller may see. */
  scope: Scope;
  /** The largest page that the caller may ask for. */
  maxPageSize: number;
  /** Tells, and is told by, the other processes what was written. */
  changes: Changes;
  /** Tells when the caller would not be let in any more. */
  watchAccess(): Admission;
  /** Made anew after each write, as they remember what they read. */
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
  return { ...request, loaders: createLoaders(request.database, request.scope) };
}
