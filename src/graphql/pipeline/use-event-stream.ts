import { Readable } from "node:stream";

import type { ExecutionResult } from "graphql";
import { isAsyncIterable, type Plugin } from "graphql-yoga";

import { eventOf } from "./answered-event.ts";
import { createFanOut, type FanOut, type Watcher, type WrittenEvent } from "./fan-out.ts";
import { chooseStreamForm, type StreamForm } from "./stream-forms.ts";
import type { EventSources } from "./use-shared-events.ts";

// Balancers close a connection that is silent for a minute.
const PING_MS = 12_000;

/**
 * Writes the results of a subscription in the form that its caller accepts, in the place of Yoga, which has no parts for
 * subscriptions and no ids for events. Each result is written once, and those who get the same one go on together: see `createFanOut`.
 * No faster than the caller reads.
 */
export function useEventStream(sources: EventSources): Plugin {
  const fanOut = createFanOut();
  const written = new WeakMap<ExecutionResult, Map<StreamForm, WrittenEvent>>();
  const write = (form: StreamForm, result: ExecutionResult): WrittenEvent => {
    const forms = written.get(result) ?? new Map<StreamForm, WrittenEvent>();
    written.set(result, forms);
    const one = forms.get(form) ?? { event: eventOf(result), bytes: form.write(result) };
    forms.set(form, one);
    return one;
  };
  return {
    async onResultProcess({ request, result, setResultProcessor }) {
      if (!isAsyncIterable(result)) return;
      // Safe cast: what Yoga executes gives results.
      const results = result as AsyncIterable<ExecutionResult>;
      const form = chooseStreamForm(request.headers.get("accept"));
      if (form === null) {
        // Yoga refuses, and leaves the subscription open.
        await results[Symbol.asyncIterator]().return?.();
        return;
      }
      const headers = { "content-type": form.contentType, connection: "keep-alive", "cache-control": "no-cache" };
      setResultProcessor((latest, fetchAPI) => {
        // Safe casts: as above; and the fetch of Yoga takes a stream of Node's as a body, and sends it as it is.
        const stream = streamOf(latest as AsyncIterable<ExecutionResult>, form, fanOut, {
          events: sources.get(request) ?? null,
          write: (result) => write(form, result),
        }) as unknown as BodyInit;
        return new fetchAPI.Response(stream, { headers });
      }, form.mediaType);
    },
  };
}

interface Watched {
  events: Watcher["events"];
  write(result: ExecutionResult): WrittenEvent;
}

function streamOf(
  results: AsyncIterable<ExecutionResult>,
  form: StreamForm,
  fanOut: FanOut,
  { events, write }: Watched,
): Readable {
  const own = results[Symbol.asyncIterator]();
  let isReading = false;
  const stream = new Readable({
    read() {
      if (isReading) return;
      isReading = true;
      own.next().then(
        ({ done, value }) => {
          isReading = false;
          if (stream.destroyed) return;
          // What one caller is told in error is no matter of others.
          if (done || value.errors !== undefined) fanOut.separate(watcher);
          if (!done) return fanOut.tell(watcher, write(value));
          stream.push(form.end);
          stream.push(null);
        },
        (error: Error) => {
          fanOut.separate(watcher);
          stream.destroy(error);
        },
      );
    },
    destroy(error, callback) {
      clearInterval(pings);
      fanOut.leave(watcher);
      const end = () => callback(error);
      Promise.resolve(own.return?.()).then(end, end);
    },
  });
  const watcher: Watcher = {
    events,
    hasRoom: () => stream.readableLength < stream.readableHighWaterMark,
    write: (bytes) => void stream.push(bytes),
  };
  const pings = setInterval(() => {
    // A reader that takes nothing needs no sign of life.
    if (stream.readableLength === 0) stream.push(form.ping);
  }, PING_MS);
  stream.push(form.opening);
  return stream;
}
