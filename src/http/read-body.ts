import type { IncomingMessage } from "node:http";

/**
 * The body of a request that says beforehand how long it is, and is no longer than that many bytes; null for any other,
 * whose body is left unread. Rejects when the caller breaks off.
 */
export async function readShortBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | null> {
  const { "content-length": length = "", "content-encoding": encoding } = request.headers;
  const isShort = /^[1-9]\d*$/.test(length) && Number(length) <= maxBytes && encoding === undefined;
  if (!isShort) return null;
  // Most bodies come together with their headers, and need not be waited for.
  if (request.complete) {
    const body: unknown = request.read();
    if (Buffer.isBuffer(body)) return body;
  }
  const chunks: Buffer[] = [];
  await new Promise((resolve, reject) => {
    request
      .on("data", (chunk: Buffer) => chunks.push(chunk))
      .on("end", resolve)
      .on("error", reject);
  });
  const [first] = chunks;
  return first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks);
}
