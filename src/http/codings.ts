import type { Transform } from "node:stream";
import { promisify } from "node:util";
import * as zlib from "node:zlib";

const { BROTLI_PARAM_QUALITY, ZSTD_c_compressionLevel, ZSTD_e_flush, Z_SYNC_FLUSH } = zlib.constants;

/** Compressed content codings by their names in HTTP, in the order that the server prefers. */
export const CODINGS = ["zstd", "br", "gzip"] as const;

/** Those for event streams. Brotli at its quickest finds nothing again that it flushed before: an event is as long as it was. */
export const EVENT_CODINGS = ["zstd", "gzip"] as const;

// Level 1 of each. Higher ones make a page of 65 KB smaller by one or two percent of it, and take two to five times as long.
const ZSTD = { params: { [ZSTD_c_compressionLevel]: 1 } };
const BROTLI = { params: { [BROTLI_PARAM_QUALITY]: 1 } };
const GZIP = { level: 1 };

const zstd = promisify<Buffer, zlib.ZstdOptions, Buffer>(zlib.zstdCompress);
const brotli = promisify<Buffer, zlib.BrotliOptions, Buffer>(zlib.brotliCompress);
const gzip = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.gzip);

/** The compressed body. The work is done on a thread of Node's pool, as in the streams below. */
export const compressWhole: Record<(typeof CODINGS)[number], (body: Buffer) => Promise<Buffer>> = {
  zstd: (body) => zstd(body, ZSTD),
  br: (body) => brotli(body, BROTLI),
  gzip: (body) => gzip(body, GZIP),
};

/** A stream that compresses what is written to it. */
export const compressStream: Record<(typeof CODINGS)[number], () => Transform> = {
  zstd: () => zlib.createZstdCompress(ZSTD),
  br: () => zlib.createBrotliCompress(BROTLI),
  gzip: () => zlib.createGzip(GZIP),
};

/** A stream that holds back nothing of what was written to it. About 150 KB of memory each. */
export const compressEvents: Record<(typeof EVENT_CODINGS)[number], () => Transform> = {
  zstd: () => zlib.createZstdCompress({ ...ZSTD, flush: ZSTD_e_flush }),
  // Not Z_FULL_FLUSH, which is zlib's own choice: it forgets what came before.
  gzip: () => zlib.createGzip({ ...GZIP, flush: Z_SYNC_FLUSH }),
};
