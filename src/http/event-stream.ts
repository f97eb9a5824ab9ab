import type { Answer } from "./answer.ts";

/** Whether the answer is a stream of events or parts, which lasts as long as its caller listens. */
export function isEventStream({ headers }: Answer): boolean {
  return /^(text\/event-stream|multipart\/mixed)/.test(headers["content-type"] ?? "");
}

/** The answer; where it is an event stream, with the header that makes nginx pass each event on as it comes. */
export function unbuffered(answer: Answer): Answer {
  return isEventStream(answer) ? { ...answer, headers: { ...answer.headers, "x-accel-buffering": "no" } } : answer;
}
