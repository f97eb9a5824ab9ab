import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import type { Answer } from "./answer.ts";

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
  if (typeof body === "string" || Buffer.isBuffer(body)) {
    const length = status === 304 || status === 204 ? {} : { "content-length": Buffer.byteLength(body) };
    response.writeHead(status, { ...headers, ...length }).end(body);
    return;
  }
  const pieces = body[Symbol.asyncIterator]();
  const first = await pieces.next();
  response.writeHead(status, headers);
  await pipeline(Readable.from(resume(first, pieces)), response);
}

async function* resume<Piece>(first: IteratorResult<Piece>, rest: AsyncIterator<Piece>): AsyncGenerator<Piece> {
  for (let next = first; next.done !== true; next = await rest.next()) yield next.value;
}
