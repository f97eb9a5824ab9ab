import { Readable } from "node:stream";

import type { ExecutionResult } from "graphql";
import { isAsyncIterable, type Plugin } from "graphql-yoga";

import { eventId } from "./event-id.ts";

// Balancers close a connection that is silent for a minute.
const PING_MS = 12_000;
const PING = Buffer.from(":\n\n");
const COMPLETE = Buffer.from("event: complete\ndata:\n\n");

const HEADERS = {
  "content-type": "text/event-stream",
  connection: "keep-alive",
  "cache-control": "no-cache",
};

/**
 * Writes the results of a subscription as server-sent events, in the place of Yoga: each with the id that a client names to go on
 * after it, and each result written once, however many watchers it has. No faster than the caller reads.
 */
export function useEventStream(): Plugin {
  const written = new WeakMap<ExecutionResult, Buffer>();
  const write = (result: ExecutionResult): Buffer => {
    const known = written.get(result);
    if (known !== undefined) return known;
    const id = eventId(result);
    const event = Buffer.from(`${id === null ? "" : `id: ${id}\n`}event: next\ndata: ${JSON.stringify(result)}\n\n`);
    written.set(result, event);
    return event;
  };
  return {
    onResultProcess({ result, resultProcessor, setResultProcessor }) {
      // Yoga has found already that the caller accepts a stream of events, and not parts of a document.
      if (resultProcessor === undefined || !isAsyncIterable(result)) return;
      setResultProcessor(
        (results, fetchAPI) =>
          // Safe cast: the fetch of Yoga takes a stream of Node's as a body, and sends it as it is.
          new fetchAPI.Response(streamOf(results as AsyncIterable<ExecutionResult>, write) as unknown as BodyInit, {
            headers: HEADERS,
          }),
        "text/event-stream",
      );
    },
  };
}

function streamOf(results: AsyncIterable<ExecutionResult>, write: (result: ExecutionResult) => Buffer): Readable {
  const events = results[Symbol.asyncIterator]();
  let isReading = false;
  const stream = new Readable({
    read() {
      if (isReading) return;
      isReading = true;
      events.next().then(
        ({ done, value }) => {
          isReading = false;
          if (stream.destroyed) return;
          stream.push(done ? COMPLETE : write(value));
          if (done) stream.push(null);
        },
        (error: Error) => stream.destroy(error),
      );
    },
    destroy(error, callback) {
      clearInterval(pings);
      const end = () => callback(error);
      Promise.resolve(events.return?.()).then(end, end);
    },
  });
  const pings = setInterval(() => {
    // A reader that takes nothing needs no sign of life.
    if (stream.readableLength === 0) stream.push(PING);
  }, PING_MS);
  // Some browsers take no notice of headers before the first byte.
  stream.push(PING);
  return stream;
}
