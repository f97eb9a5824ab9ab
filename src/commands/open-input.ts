import { open } from "node:fs/promises";
import { addAbortSignal, type Readable } from "node:stream";

export interface Input {
  stream: Readable;
  /** In bytes; null for standard input, which does not say. */
  size: number | null;
}

/** A file, or standard input for `-`, to be read as bytes. Ends with an error when the signal is aborted. */
export async function openInput(file: string, signal: AbortSignal): Promise<Input> {
  if (file === "-") return { stream: addAbortSignal(signal, process.stdin), size: null };
  const handle = await open(file);
  const { size } = await handle.stat();
  return { stream: handle.createReadStream({ signal }), size };
}
