import { statfs } from "node:fs/promises";
import { dirname } from "node:path";

import { isDiskFull, noSpaceLeft } from "../../model/errors.ts";

/** PostgreSQL's message in the locale that its programs run in. */
const ITS_WORDS = "No space left on device";
/** With less, PostgreSQL may not be able to report the lack of space. */
const LEAST_BYTES = 1 << 20;

/** Whether the output of a PostgreSQL program reports a full device. */
export function saysDiskFull(text: string): boolean {
  return text.includes(ITS_WORDS);
}

/** Whether less than a megabyte is free for accounts other than root on the folder's device. */
export async function isDeviceFull(folder: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize < LEAST_BYTES;
}

/** The error for a database that cannot be opened because the device of its folder is full. */
export function noSpaceAt(folder: string, cause?: unknown): Error {
  const text = `${noSpaceLeft(`at ${folder}`)}, where the embedded PostgreSQL keeps its data. Free some, and start again.`;
  return new Error(text, { cause });
}

/**
 * The error of a failed creation of the database in the folder: `noSpaceAt` when space was lacking, any other error
 * unchanged.
 */
export function explainLackOfSpace(error: unknown, folder: string): unknown {
  if (!(error instanceof Error) || !(isDiskFull(error) || saysDiskFull(error.message))) return error;
  // A file beside the data, such as the copy of PostgreSQL's programs, may lie on another device.
  const file = "path" in error && typeof error.path === "string" ? error.path : null;
  return noSpaceAt(file === null ? folder : dirname(file), error);
}
