import { Readable } from "node:stream";

export interface Answer {
  status: number;
  headers: Record<string, string>;
  /** The whole body, or its pieces as they become ready. */
  body: string | Buffer | AsyncIterable<Uint8Array>;
}

/** Whether all of the body is there. */
export function isWhole(body: Answer["body"]): body is string | Buffer {
  return typeof body === "string" || Buffer.isBuffer(body);
}

/** The pieces as a stream, which hears at once when its reader leaves; a generator would hear of it at its next piece. */
export function toStream(pieces: AsyncIterable<Uint8Array>): Readable {
  return pieces instanceof Readable ? pieces : Readable.from(pieces);
}

const JSON_HEADERS = { "content-type": "application/json; charset=utf-8" };

/** A JSON answer, in the compact form that both documented services send. */
export function jsonAnswer(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return { status, headers: { ...JSON_HEADERS, ...headers }, body: JSON.stringify(body) };
}

/** The answer 200 with a body that is JSON text already. */
export function writtenAnswer(body: Answer["body"]): Answer {
  return { status: 200, headers: JSON_HEADERS, body };
}
