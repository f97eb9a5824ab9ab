import type { Changes } from "../store/changes.ts";
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
  /** Tells, and is told by, the other processes what was written. */
  changes: Changes;
  /** Made anew after each write, as they remember what they read. */
  loaders: Loaders;
}

/** What GraphQL clients may ask of one page. The REST shims run their own documents with limits of their own. */
export const PUBLIC_PAGE_SIZE = 100;

/** A context of its own for each request: its loaders remember what they read. */
export function createContext(database: Database, changes: Changes, scope: Scope, maxPageSize: number): Context {
  return { database, changes, scope, maxPageSize, loaders: createLoaders(database, scope) };
}
