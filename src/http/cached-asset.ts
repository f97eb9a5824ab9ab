import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

import type { Answer } from "./answer.ts";

/** Something that never changes while the process lives. */
export interface Asset {
  contentType: string;
  /** Makes the content, at the first request. */
  render(): Promise<string | Buffer>;
  /** Headers beside those of content and cache. */
  headers?: Record<string, string>;
}

interface Encoded {
  etag: string;
  bodies: Record<Encoding, Buffer>;
}

type Encoding = "br" | "gzip" | "identity";

// A fifth of a second for 9 MB; the higher levels take seconds for the last few percent.
const BROTLI_OPTIONS = { params: { [constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_LGWIN]: 24 } };

/**
 * An answerer for a page: made and compressed at its first request, and sent whole only to a browser that does not have it
 * yet (304 for a known ETag).
 */
export function createCachedAsset(page: Asset): (headers: IncomingHttpHeaders) => Promise<Answer> {
  let encoded: Promise<Encoded> | undefined;
  return async (headers) => {
    // What failed is tried again: that there are too many open files passes.
    encoded ??= encode(page.render).catch((error) => {
      encoded = undefined;
      throw error;
    });
    const { etag, bodies } = await encoded;
    const fixed = { vary: "accept-encoding", ...page.headers, etag, "cache-control": "no-cache" };
    if (headers["if-none-match"]?.includes(etag)) return { status: 304, headers: fixed, body: "" };
    const encoding = pickEncoding(headers["accept-encoding"] ?? "");
    return {
      status: 200,
      headers: {
        ...fixed,
        "content-type": page.contentType,
        ...(encoding !== "identity" && { "content-encoding": encoding }),
      },
      body: bodies[encoding],
    };
  };
}

async function encode(render: Asset["render"]): Promise<Encoded> {
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
