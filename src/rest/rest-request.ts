import type { Run } from "../graphql/pipeline/rows.ts";
import type { Database } from "../store/database/client.ts";
import type { Scope } from "../store/sql/scope.ts";

/** A request of a REST dialect, after the server found its route and let its caller in. */
export interface RestRequest {
  query: URLSearchParams;
  /** The header `if-none-match`; undefined where it is not sent. */
  ifNoneMatch: string | undefined;
  /** Runs stored documents within what the caller may see. */
  run: Run;
  /** For what no document does: calls of the store's functions. */
  store: StoreAccess;
  /** The values of the request's header `Idempotency-Key`; none without one. */
  idempotencyKeys: readonly string[];
  /** The bytes of the body. Rejects with BodyTooLarge for too many, and when the caller breaks off. */
  body(): Promise<Buffer>;
  /** The most items of a call. */
  maxItems: number;
}

/** The store for one request of a caller. */
export interface StoreAccess {
  scope: Scope;
  /** Where to read what no write follows: a replica that has what the caller wrote, or the primary. */
  reads: Database;
  /** The primary. */
  writes: Database;
  /** To be called after each write, before the answer: wakes watchers, and gives the caller the token of its write. */
  wrote(conversationId: string): Promise<void>;
}
