import { isConnectionLoss, toApiError } from "../../model/errors.ts";

/** Who sends requests: a key, and the user that it stands for. Keys take turns, and so do the users of each. */
export interface Caller {
  /** The key's id; empty while there is none. */
  readonly key: string;
  /** Empty for the key itself. */
  readonly user: string;
}

/** The request that statements are sent for. */
export interface Requester {
  readonly caller: Caller;
  /** Aborted when nobody waits for the answer any more; undefined for what is asked for several at once. */
  readonly signal: AbortSignal | undefined;
  /** How many of its statements are under way, be it that they wait for a connection. */
  underWay: number;
  /** The others, in their order. */
  readonly held: PromiseWithResolvers<void>[];
}

// A list and its count. A document may ask for fifteen, which would take every connection from others.
const STATEMENTS_AT_ONCE = 2;

/** A request without statements. */
export function createRequester(caller: Caller, signal?: AbortSignal): Requester {
  return { caller, signal, underWay: 0, held: [] };
}

/**
 * To be called before each statement, and `endStatement` after it. Null when the statement may be sent at once; else it has
 * to wait for another one of its own request, which is no wait for the database; rejects when it is not to be sent.
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

/** The statement is over, in whatever way. */
export function endStatement(requester: Requester): void {
  const next = requester.held.shift();
  if (next === undefined) requester.underWay -= 1;
  else next.resolve();
}

/**
 * To be told what a statement of the request failed with. When it took too long, or could not be sent in time, those that are
 * held back fail with the same: the answer is lost already, and they would go on long after it.
 */
export function failHeld(requester: Requester, error: unknown): void {
  if (requester.held.length === 0 || isConnectionLoss(error)) return;
  const { code } = toApiError(error);
  if (code !== "TIMEOUT" && code !== "SERVICE_UNAVAILABLE") return;
  for (const { reject } of requester.held.splice(0)) reject(error);
}
