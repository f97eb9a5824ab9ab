import { statfs } from "node:fs/promises";
import { dirname } from "node:path";

import { isDiskFull, noSpaceLeft } from "../../model/errors.ts";

/** PostgreSQL's words, in the language that its programs are started in. */
const ITS_WORDS = "No space left on device";
/** With less, PostgreSQL may not even get out that it lacks space. */
const LEAST_BYTES = 1 << 20;

/** Whether the text of one of PostgreSQL's programs says that a device is full. */
export function saysDiskFull(text: string): boolean {
  return text.includes(ITS_WORDS);
}

/** Whether next to nothing is free on the device that the folder lies on, for other accounts than root. */
export async function isDeviceFull(folder: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize < LEAST_BYTES;
}

/** What to say when the database in the folder cannot be opened because the device is full. */
export function noSpaceAt(folder: string, cause?: unknown): Error {
  const text = `${noSpaceLeft(`at ${folder}`)}, where the embedded PostgreSQL keeps its data. Free some, and start again.`;
  return new Error(text, { cause });
}

/** A failure to make the database in the folder: in those words when it is for lack of space, any other as it is. */
export function explainLackOfSpace(error: unknown, folder: string): unknown {
  if (!(error instanceof Error) || !(isDiskFull(error) || saysDiskFull(error.message))) return error;
  // A file beside the data, such as the copy of PostgreSQL's programs, may lie on another device.
  const file = "path" in error && typeof error.path === "string" ? error.path : null;
  return noSpaceAt(file === null ? folder : dirname(file), error);
}
