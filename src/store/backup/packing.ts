import type { Readable } from "node:stream";
import { constants, createZstdCompress, createZstdDecompress, type ZstdCompress } from "node:zlib";

import { BackupError, cutOff, damaged, NO_BACKUP } from "./backup-format.ts";

/** A stream that packs the content of a backup. */
export function createPacker(): ZstdCompress {
  return createZstdCompress({ params: { [constants.ZSTD_c_checksumFlag]: 1 } });
}

/** The content of the packed file. Throws BackupError for one that is cut off, altered, or not packed in this way. */
export async function* unpack(file: Readable): AsyncGenerator<Buffer> {
  const unpacker = createZstdDecompress();
  file.once("error", (error) => unpacker.destroy(error));
  try {
    yield* file.pipe(unpacker);
  } catch (error) {
    throw explain(error);
  }
}

function explain(error: unknown): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "Z_BUF_ERROR") return cutOff();
  if (code === "ZSTD_error_prefix_unknown") return new BackupError(NO_BACKUP, { cause: error });
  return code.startsWith("ZSTD_") ? damaged(error) : error;
}
