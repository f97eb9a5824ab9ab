import { open } from "node:fs/promises";
import { addAbortSignal, type Readable } from "node:stream";

import { fileReasonOf } from "./reason.ts";

export interface Input {
  stream: Readable;
  /** In bytes; null for standard input, whose size is unknown. */
  size: number | null;
}

/**
 * A file, or standard input for `-`, as a stream of bytes. Throws an Error that names the file when it cannot be
 * opened. The stream fails when the signal is aborted.
 */
export async function openInput(file: string, signal: AbortSignal): Promise<Input> {
  if (file === "-") return { stream: addAbortSignal(signal, process.stdin), size: null };
  const handle = await open(file).catch((cause) => {
    throw new Error(`${file} cannot be read: ${fileReasonOf(cause)}`, { cause });
  });
  const stats = await handle.stat();
  if (stats.isDirectory()) {
    await handle.close();
    throw new Error(`${file} is a folder, not a file`);
  }
  return { stream: handle.createReadStream({ signal }), size: stats.size };
}
