import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

import { acceptedCodings } from "./accepted-codings.ts";
import type { Answer } from "./answer.ts";

/** A file or a page that never changes while the process lives. */
export interface Asset {
  contentType: string;
  /** Makes the content, at the first request. */
  render(): Promise<string | Buffer>;
  /** Headers beside those of content and cache. `cache-control` replaces `no-cache`, which asks for each use. */
  headers?: Record<string, string>;
}

/** Answers requests for one asset. */
export type AnswerAsset = (headers: IncomingHttpHeaders) => Promise<Answer>;

interface Encoded {
  etag: string;
  bodies: Record<Encoding, Buffer>;
}

type Encoding = "br" | "gzip" | "identity";

// Takes a fifth of a second for 9 MB; higher levels take seconds for a few percent less.
const BROTLI_OPTIONS = { params: { [constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_LGWIN]: 24 } };

/**
 * Answers requests for the asset. It is rendered and compressed at the first request and kept in memory; a browser that names
 * its ETag gets 304. Rejects as `render` does, and renders again at the next request.
 */
export function createCachedAsset(asset: Asset): AnswerAsset {
  let encoded: Promise<Encoded> | undefined;
  return async (headers) => {
    // A failure is not kept: too many open files, say, is a state that passes.
    encoded ??= encode(asset.render).catch((error) => {
      encoded = undefined;
      throw error;
    });
    const { etag, bodies } = await encoded;
    const fixed = { vary: "accept-encoding", "cache-control": "no-cache", ...asset.headers, etag };
    if (headers["if-none-match"]?.includes(etag)) return { status: 304, headers: fixed, body: "" };
    const [encoding = "identity"] = acceptedCodings(headers, ["br", "gzip"]);
    return {
      status: 200,
      headers: {
        ...fixed,
        "content-type": asset.contentType,
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
