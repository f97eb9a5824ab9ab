import { Readable } from "node:stream";

import type { ExecutionResult } from "graphql";
import { isAsyncIterable, type Plugin } from "graphql-yoga";

import { chooseStreamForm, type StreamForm } from "./stream-forms.ts";

// Balancers close a connection that is silent for a minute.
const PING_MS = 12_000;

/**
 * Writes the results of a subscription in the form that its caller accepts, in the place of Yoga, which has no parts for
 * subscriptions and no ids for events. Each result is written once, however many watchers it has. No faster than the caller reads.
 */
export function useEventStream(): Plugin {
  const written = new WeakMap<ExecutionResult, Map<StreamForm, Buffer>>();
  const write = (form: StreamForm, result: ExecutionResult): Buffer => {
    const forms = written.get(result) ?? new Map<StreamForm, Buffer>();
    written.set(result, forms);
    const bytes = forms.get(form) ?? form.write(result);
    forms.set(form, bytes);
    return bytes;
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
      setResultProcessor(
        // Safe casts: as above; and the fetch of Yoga takes a stream of Node's as a body, and sends it as it is.
        (latest, fetchAPI) =>
          new fetchAPI.Response(
            streamOf(latest as AsyncIterable<ExecutionResult>, form, write) as unknown as BodyInit,
            { headers },
          ),
        form.mediaType,
      );
    },
  };
}

function streamOf(
  results: AsyncIterable<ExecutionResult>,
  form: StreamForm,
  write: (form: StreamForm, result: ExecutionResult) => Buffer,
): Readable {
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
          stream.push(done ? form.end : write(form, value));
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
    if (stream.readableLength === 0) stream.push(form.ping);
  }, PING_MS);
  stream.push(form.opening);
  return stream;
}
