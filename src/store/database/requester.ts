import { isConnectionLoss, toApiError } from "../../model/errors.ts";

/** The sender of requests: a key and the user that it stands for. Keys take turns, and so do the users of each key; of a distributed database projects too. */
export interface Caller {
  readonly project: string;
  /** The key's id; empty while no key was created. */
  readonly key: string;
  /** The user's isolation key; empty for the key itself. */
  readonly user: string;
}

/** The request that a statement belongs to. */
export interface Requester {
  readonly caller: Caller;
  /** Aborted once the request has been abandoned; undefined for a statement that several requests share. */
  readonly signal: AbortSignal | undefined;
  /** Statements that were begun and have not ended, including those that wait for a connection. */
  underWay: number;
  /** Statements that wait for one of these to end, in order. */
  readonly held: PromiseWithResolvers<void>[];
}

// A list and its count. A document may need fifteen, which would take every connection from others.
const STATEMENTS_AT_ONCE = 2;

/** A request without statements. */
export function createRequester(caller: Caller, signal?: AbortSignal): Requester {
  return { caller, signal, underWay: 0, held: [] };
}

/**
 * To be called before each statement, with `endStatement` after it. Null when the statement may be sent at once; else a
 * promise that resolves when an earlier statement of the request ends, and rejects when this one must not be sent.
 */
export function beginStatement(requester: Requester): Promise<void> | null {
  if (requester.underWay < STATEMENTS_AT_ONCE) {
    requester.underWay += 1;
    return null;
  }
  const held = Promise.withResolvers<void>();
  requester.held.push(held);
  return held.promise;
}

/** Records the end of a statement, whatever its outcome, and lets the next one of the request go. */
export function endStatement(requester: Requester): void {
  const next = requester.held.shift();
  if (next === undefined) requester.underWay -= 1;
  else next.resolve();
}

/**
 * Reports the error that a statement of the request failed with. After a timeout or a full pool the waiting statements
 * fail with the same error: the answer is lost already, and they would run long after it.
 */
export function failHeld(requester: Requester, error: unknown): void {
  if (requester.held.length === 0 || isConnectionLoss(error)) return;
  const { code } = toApiError(error);
  if (code !== "TIMEOUT" && code !== "SERVICE_UNAVAILABLE") return;
  for (const { reject } of requester.held.splice(0)) reject(error);
}
