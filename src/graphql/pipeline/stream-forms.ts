import type { ExecutionResult } from "graphql";

import { eventOf, idOf } from "./answered-event.ts";

/** A form in which the results of a subscription are written, one after the other. */
export interface StreamForm {
  /** As a caller accepts it. */
  mediaType: string;
  contentType: string;
  /** Sent at once: some browsers take no notice of headers before the first byte. */
  opening: Buffer;
  /** A sign of life that is no result. */
  ping: Buffer;
  /** Follows the last result. */
  end: Buffer;
  write(result: ExecutionResult): Buffer;
}

/** Server-sent events, as graphql-sse and browsers read them, each with the id that a client names to go on after it. */
const SERVER_SENT_EVENTS: StreamForm = {
  mediaType: "text/event-stream",
  contentType: "text/event-stream",
  opening: Buffer.from(":\n\n"),
  ping: Buffer.from(":\n\n"),
  end: Buffer.from("event: complete\ndata:\n\n"),
  write(result) {
    const event = eventOf(result);
    return Buffer.from(
      `${event === null ? "" : `id: ${idOf(event)}\n`}event: next\ndata: ${JSON.stringify(result)}\n\n`,
    );
  },
};

// A reader takes a part for whole at the boundary behind it.
const part = (json: string) => Buffer.from(`\r\ncontent-type: application/json\r\n\r\n${json}\r\n--graphql`);

/** Apollo's multipart protocol, which its HttpLink asks for: each result is the payload of a part. */
const MULTIPART: StreamForm = {
  mediaType: "multipart/mixed",
  contentType: 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0',
  opening: Buffer.from("\r\n--graphql"),
  ping: part("{}"),
  end: Buffer.from("--\r\n"),
  write: (result) => part(JSON.stringify({ payload: result })),
};

/** The form that the caller accepts; server-sent events before parts; null for neither. */
export function chooseStreamForm(accept: string | null): StreamForm | null {
  const accepted = (accept ?? "*/*").split(",").map((range) => range.split(";", 1)[0]?.trim().toLowerCase() ?? "");
  const [form = null] = [SERVER_SENT_EVENTS, MULTIPART].filter(({ mediaType }) =>
    accepted.some((range) => range === mediaType || range === "*/*" || range === `${mediaType.split("/")[0]}/*`),
  );
  return form;
}
