import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";

import { type Answer, isWhole, toStream } from "./answer.ts";
import { isEventStream } from "./event-stream.ts";
import { sendEvents } from "./send-events.ts";

/**
 * Sends the answer no faster than the caller reads it, and resolves when all of it is sent. A body in pieces begins with its
 * first piece: an error before that rejects while nothing is sent yet, so that it can be answered. A later error breaks the
 * connection off, which a caller cannot mistake for the end of the body.
 */
export async function sendAnswer(response: ServerResponse, answer: Answer): Promise<void> {
  const { status, body } = answer;
  const { vary, ...headers } = answer.headers;
  // Appended: the origin may stand in it already.
  if (vary !== undefined) response.appendHeader("vary", vary);
  if (isWhole(body)) {
    const length = status === 304 || status === 204 ? {} : { "content-length": Buffer.byteLength(body) };
    response.writeHead(status, { ...headers, ...length }).end(body);
    return;
  }
  const pieces = toStream(body);
  await once(pieces, "readable");
  response.writeHead(status, headers);
  if (isEventStream(answer) && response.req.httpVersion === "1.1") return sendEvents(response, pieces);
  await pipeline(pieces, response);
}
