import type { Database } from "../../store/database/client.ts";
import type { Scope } from "../../store/sql/scope.ts";

/** The part of the context that loaders need. */
export interface LoaderContext {
  database: Database;
  scope: Scope;
  maxPageBytes: number;
  maxAnswerBytes: number;
}
