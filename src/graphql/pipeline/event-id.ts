import type { ExecutionResult } from "graphql";

// A symbol: it goes along where a result is copied, and is not written.
const EVENT_ID = Symbol("the id of the event");

/** The result with the id of the event that it answers. */
export function withEventId<Result extends ExecutionResult>(result: Result, id: number | string): Result {
  return Object.assign(result, { [EVENT_ID]: id });
}

/** The id of the event that the result answers; null for an answer to no event. */
export function eventId(result: ExecutionResult): number | string | null {
  if (!(EVENT_ID in result)) return null;
  const id = result[EVENT_ID];
  return typeof id === "number" || typeof id === "string" ? id : null;
}
