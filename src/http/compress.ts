import type { IncomingMessage } from "node:http";
import { pipeline, type Readable, type Transform } from "node:stream";

import { acceptedCodings } from "./accepted-codings.ts";
import { type Answer, isWhole, toStream } from "./answer.ts";
import { CODINGS, compressEvents, compressStream, compressWhole, EVENT_CODINGS } from "./codings.ts";
import { isEventStream } from "./event-stream.ts";
import { isLoopback } from "./loopback.ts";

/** The callers whose answers are compressed: those on other machines, all, or none. */
type Callers = "remote" | "all" | "none";

/** Gives the answer in the coding that its caller likes best. Rejects as the first pieces of its body do. */
export type Compress = (request: IncomingMessage, answer: Answer) => Promise<Answer>;

type Body = Answer["body"];
interface Coded {
  coding: string;
  body: Body;
}

/**
 * Compresses answers of at least so many bytes for these callers. A shorter one goes as it is, unless its caller refuses
 * that; so does what the caller accepts in no coding at all. The length of an event stream is not known: it is compressed
 * from its first event on. Left alone is what has no body, and what comes in a coding that was chosen already.
 */
export function createCompress(callers: Callers, minBytes: number): Compress {
  const isFor = ({ socket }: IncomingMessage) =>
    callers === "all" || (callers === "remote" && !isLoopback(socket.remoteAddress ?? ""));
  return async (request, answer) => {
    if (!isFor(request) || request.method === "HEAD" || isFinal(answer)) return answer;
    const { coding, body } = isEventStream(answer)
      ? codeEvents(answer.body, acceptedCodings(request.headers, EVENT_CODINGS))
      : await codeBody(answer.body, acceptedCodings(request.headers, CODINGS), minBytes);
    const coded = coding === "identity" ? {} : { "content-encoding": coding };
    return { ...answer, headers: { ...answer.headers, vary: "accept-encoding", ...coded }, body };
  };
}

function isFinal({ headers, body }: Answer): boolean {
  const isEmpty = isWhole(body) && body.length === 0;
  return isEmpty || "content-encoding" in headers || (headers.vary ?? "").includes("accept-encoding");
}

type Accepted<Name extends string> = readonly (Name | "identity")[];

function codeEvents(body: Body, [coding = "identity"]: Accepted<(typeof EVENT_CODINGS)[number]>): Coded {
  return { coding, body: coding === "identity" || isWhole(body) ? body : through(compressEvents[coding](), body) };
}

async function codeBody(body: Body, accepted: Accepted<(typeof CODINGS)[number]>, minBytes: number): Promise<Coded> {
  const [coding = "identity"] = accepted;
  if (coding === "identity") return { coding, body };
  const whole = typeof body === "string" ? Buffer.from(body) : body;
  const begun = isWhole(whole) ? whole : await wholeIfShort(whole, minBytes);
  if (!isWhole(begun)) return { coding, body: through(compressStream[coding](), begun) };
  if (begun.length < minBytes && accepted.includes("identity")) return { coding: "identity", body: begun };
  return { coding, body: await compressWhole[coding](begun) };
}

/** The pieces as they leave the stream. An error of theirs is the stream's, and no piece is asked for before there is room. */
function through(stream: Transform, pieces: AsyncIterable<Uint8Array>): Readable {
  return pipeline(toStream(pieces), stream, () => {});
}

/** The pieces as a whole where they end before so many bytes. */
async function wholeIfShort(
  pieces: AsyncIterable<Uint8Array>,
  bytes: number,
): Promise<Buffer | AsyncIterable<Uint8Array>> {
  const rest = pieces[Symbol.asyncIterator]();
  const begun: Uint8Array[] = [];
  for (let size = 0; size < bytes; ) {
    const next = await rest.next();
    if (next.done === true) return Buffer.concat(begun);
    begun.push(next.value);
    size += next.value.length;
  }
  return continued(begun, rest);
}

async function* continued<Piece>(begun: readonly Piece[], rest: AsyncIterator<Piece>): AsyncGenerator<Piece> {
  yield* begun;
  yield* { [Symbol.asyncIterator]: () => rest };
}
