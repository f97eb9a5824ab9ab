import type { IncomingMessage } from "node:http";

import { BodyTooLarge } from "../model/errors.ts";

/** Throws BodyTooLarge for a request that says beforehand that its body has more bytes than that. */
export function checkContentLength({ headers }: IncomingMessage, maxBytes: number): void {
  if (Number(headers["content-length"] ?? 0) > maxBytes) throw new BodyTooLarge(maxBytes);
}

/**
 * The body of a request. Rejects with BodyTooLarge for one of more bytes than that, and when the caller breaks off. What
 * follows the limit is left unread.
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  // Most bodies arrive together with their headers: no need to wait for events.
  if (request.complete) {
    const body: unknown = request.read();
    if (Buffer.isBuffer(body) && body.length <= maxBytes) return body;
    if (Buffer.isBuffer(body)) throw new BodyTooLarge(maxBytes);
  }
  const chunks: Buffer[] = [];
  let length = 0;
  await new Promise((resolve, reject) => {
    const take = (chunk: Buffer) => {
      length += chunk.length;
      chunks.push(chunk);
      if (length <= maxBytes) return;
      request.off("data", take);
      reject(new BodyTooLarge(maxBytes));
    };
    request.on("data", take).on("end", resolve).on("error", reject);
  });
  const [first] = chunks;
  return first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks);
}
