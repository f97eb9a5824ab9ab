import { isUtf8 } from "node:buffer";

import { type ParseError, parse as parseTolerantly } from "jsonc-parser";

import { parseJson } from "../model/json.ts";
import { RecordError } from "./format-errors.ts";
import type { JsonValue } from "./split-records.ts";

/** V8's position of an error, which is relative to the parsed text: only a part of the input. */
const PLACE_IN_TEXT = / (?:in JSON )?at position \d+(?: \(line \d+ column \d+\))?/;

export interface ParsedText {
  content: JsonValue["content"];
  /** The line of the fault in the input; null when there is none, or the value as a whole is at fault. */
  faultLine: number | null;
}

/**
 * The value of a JSON text, numbers digit for digit, or the fault and its line. `line` is the line of the text's first
 * byte.
 */
export function parseText(bytes: Buffer, line: number): ParsedText {
  if (!isUtf8(bytes)) {
    return { content: new RecordError("", "is not valid UTF-8"), faultLine: line + lineOfBrokenBytes(bytes) };
  }
  const text = bytes.toString();
  try {
    return { content: { value: parseJson(text) }, faultLine: null };
  } catch (error) {
    // The parser recurses as deep as the value nests.
    if (error instanceof RangeError) return { content: new RecordError("", "is nested too deeply"), faultLine: null };
    if (!(error instanceof SyntaxError)) throw error;
    const problem = `is not JSON: ${error.message.replace(PLACE_IN_TEXT, "")}`;
    return { content: new RecordError("", problem), faultLine: line + lineOfFault(text) };
  }
}

function lineOfBrokenBytes(bytes: Buffer): number {
  let line = 0;
  let start = 0;
  for (let end = bytes.indexOf("\n"); end >= 0; end = bytes.indexOf("\n", start)) {
    if (!isUtf8(bytes.subarray(start, end))) return line;
    line += 1;
    start = end + 1;
  }
  return line;
}

/** The number of line breaks before the first error in the text: V8 does not always give its place. */
function lineOfFault(text: string): number {
  const errors: ParseError[] = [];
  parseTolerantly(text, errors, { disallowComments: true, allowTrailingComma: false });
  return text.slice(0, errors[0]?.offset ?? 0).split("\n").length - 1;
}
