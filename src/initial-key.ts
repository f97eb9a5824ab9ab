import { readFileSync, statSync } from "node:fs";

import { isKey } from "./store/keys/keys.ts";

/** The project key in the file. Throws an Error that names the file and its fault, and quotes nothing of its content. */
export function readInitialKey(file: string): string {
  const key = readRegularFile(file).trim();
  if (!isKey(key)) throw new Error(`${file} holds no key: cg_ and 43 letters, digits, - or _.`);
  return key;
}

function readRegularFile(file: string): string {
  let isFile: boolean;
  try {
    isFile = statSync(file).isFile();
    if (isFile) return readFileSync(file, "utf8");
  } catch (cause) {
    throw new Error(`${file} cannot be read: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
  // A device may never end, and a pipe can be read only once.
  throw new Error(`${file} is no regular file`);
}
