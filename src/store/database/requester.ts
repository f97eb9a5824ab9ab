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
  /** Starts each of the others, in their order. */
  readonly held: (() => void)[];
}

// A list and its count. A document may ask for fifteen, which would take every connection from others.
const STATEMENTS_AT_ONCE = 2;

/** A request without statements. */
export function createRequester(caller: Caller, signal?: AbortSignal): Requester {
  return { caller, signal, underWay: 0, held: [] };
}

/**
 * To be called before each statement, and `endStatement` after it. Null when the statement may be sent at once; else it has
 * to wait for another one of its own request, which is no wait for the database.
 */
export function beginStatement(requester: Requester): Promise<void> | null {
  if (requester.underWay === STATEMENTS_AT_ONCE) return new Promise((resolve) => requester.held.push(resolve));
  requester.underWay += 1;
  return null;
}

/** The statement is over, in whatever way. */
export function endStatement(requester: Requester): void {
  const next = requester.held.shift();
  if (next === undefined) requester.underWay -= 1;
  else next();
}
