import type { ExecutionResult } from "graphql";

import type { ConversationChange } from "../../store/watch/list-change.ts";
import type { ChangedTurn } from "../../store/watch/read-changes.ts";

/** What the schema's subscriptions yield. One object for all watchers who are told the same. */
export type WatchedEvent = ChangedTurn | ConversationChange;

// A symbol: it goes along where a result is copied, and is not written.
const EVENT = Symbol("the event that is answered");

/** The result with the event that it answers. */
export function withEvent<Result extends ExecutionResult>(result: Result, event: WatchedEvent): Result {
  return Object.assign(result, { [EVENT]: event });
}

/** The event that the result answers; null for an answer to no event. */
export function eventOf(result: ExecutionResult): WatchedEvent | null {
  // Safe cast: only `withEvent` sets this one.
  return EVENT in result ? (result[EVENT] as WatchedEvent) : null;
}

/** The id of the event, from which a client that names it is told what came after. */
export function idOf(event: WatchedEvent): number | string {
  return "cursor" in event ? event.cursor : event.turn.revision;
}
