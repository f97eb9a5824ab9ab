import type { Answer } from "./answer.ts";

/** Whether the answer is a stream of server-sent events, which lasts as long as its caller listens. */
export function isEventStream({ headers }: Answer): boolean {
  return headers["content-type"]?.startsWith("text/event-stream") ?? false;
}

/** The answer; where it is an event stream, with the header that makes nginx pass each event on as it comes. */
export function unbuffered(answer: Answer): Answer {
  return isEventStream(answer) ? { ...answer, headers: { ...answer.headers, "x-accel-buffering": "no" } } : answer;
}
