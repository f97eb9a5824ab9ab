import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

import type { Answer } from "./rest/answer.ts";

interface Encoded {
  etag: string;
  bodies: Record<Encoding, Buffer>;
}

type Encoding = "br" | "gzip" | "identity";

// A fifth of a second for 9 MB; the higher levels take seconds for the last few percent.
const BROTLI_OPTIONS = { params: { [constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_LGWIN]: 24 } };

/**
 * An answerer for a page that never changes while the process lives: made and compressed at its first request, and sent
 * whole only to a browser that does not have it yet (304 for a known ETag).
 */
export function createCachedPage(render: () => Promise<string>): (headers: IncomingHttpHeaders) => Promise<Answer> {
  let encoded: Promise<Encoded> | undefined;
  return async (headers) => {
    encoded ??= encode(render);
    const { etag, bodies } = await encoded;
    const fixed = { etag, "cache-control": "no-cache", vary: "accept, accept-encoding" };
    if (headers["if-none-match"]?.includes(etag)) return { status: 304, headers: fixed, body: "" };
    const encoding = pickEncoding(headers["accept-encoding"] ?? "");
    return {
      status: 200,
      headers: {
        ...fixed,
        "content-type": "text/html; charset=utf-8",
        ...(encoding !== "identity" && { "content-encoding": encoding }),
      },
      body: bodies[encoding],
    };
  };
}

async function encode(render: () => Promise<string>): Promise<Encoded> {
  const identity = Buffer.from(await render());
  const [br, gzipped] = await Promise.all([
    promisify(brotliCompress)(identity, BROTLI_OPTIONS),
    promisify(gzip)(identity),
  ]);
  const etag = `"${createHash("sha256").update(identity).digest("base64url").slice(0, 22)}"`;
  return { etag, bodies: { br, gzip: gzipped, identity } };
}

function pickEncoding(accepted: string): Encoding {
  const names = accepted
    .split(",")
    .flatMap((part) => (/;\s*q=0(\.0*)?\s*$/.test(part) ? [] : [part.split(";")[0]?.trim()]));
  if (names.includes("br")) return "br";
  return names.includes("gzip") ? "gzip" : "identity";
}
