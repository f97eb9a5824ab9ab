import type { ByteSource } from "./byte-source.ts";
import { parseText } from "./parse-text.ts";

/** The most bytes to search for a line that is a value of its own. */
const LOOK_AHEAD = 16 * 1024 * 1024;

/**
 * Whether broken JSON continues as JSON Lines: a later line is a value of its own. In one document, a value on a line
 * of its own follows a comma, a bracket or a colon, and is mostly indented where a comma is missing. Consumes nothing.
 */
export async function goesOnAsLines(source: ByteSource): Promise<boolean> {
  const ahead: Buffer[] = [];
  let size = 0;
  let chunk = await source.read();
  for (; chunk !== null && size < LOOK_AHEAD; chunk = await source.read()) {
    ahead.push(chunk);
    size += chunk.length;
  }
  const isCutOff = chunk !== null;
  if (chunk !== null) source.unread(chunk);
  source.unread(...ahead);
  const lines = Buffer.concat(ahead).toString().split("\n");
  if (isCutOff) lines.pop();
  return hasLineThatStandsAlone(lines);
}

function hasLineThatStandsAlone(lines: readonly string[]): boolean {
  let previous = "";
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "") continue;
    if (index > 0 && /^[[{]/.test(line) && !/[,[:]$/.test(previous) && isJson(line)) return true;
    previous = line.trimEnd();
  }
  return false;
}

function isJson(line: string): boolean {
  return "value" in parseText(Buffer.from(line), 1).content;
}
