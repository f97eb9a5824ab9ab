import type { Database } from "../store/client.ts";
import type { Scope } from "../store/scope.ts";
import { createLoaders, type Loaders } from "./loaders.ts";

/** What every resolver of one request sees. */
export interface Context {
  database: Database;
  /** What the caller may see. */
  scope: Scope;
  /** The largest page that the caller may ask for. */
  maxPageSize: number;
  loaders: Loaders;
}

/** What GraphQL clients may ask of one page. The REST shims run their own documents with limits of their own. */
export const PUBLIC_PAGE_SIZE = 100;

/** A context of its own for each request: its loaders remember what they read. */
export function createContext(database: Database, scope: Scope, maxPageSize: number): Context {
  return { database, scope, maxPageSize, loaders: createLoaders(database, scope) };
}
