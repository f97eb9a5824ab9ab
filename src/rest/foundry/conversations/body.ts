import { setImmediate as afterThisTick } from "node:timers/promises";

import { isJsonObject, type JsonObject } from "../../../model/json.ts";
import { FoundryError } from "../errors.ts";

const decoder = new TextDecoder();

/** A body and its text, from which what is kept is cut as it was sent. */
export interface Body {
  text: string;
  value: JsonObject;
}

// Of small values a parser makes many times their bytes, and takes seconds for all that a long body may hold.
const MAX_VALUES = 200_000;
const MAX_DEPTH = 2000;

/**
 * The JSON object in the body; an empty body counts as `{}` where it may. Others have their turn while a long body is read.
 * Throws a FoundryError for anything else.
 */
export async function parseBody(bytes: Buffer, mayBeEmpty: boolean): Promise<Body> {
  const text = bytes.length === 0 && mayBeEmpty ? "{}" : decoder.decode(bytes);
  const fault = findExcess(text);
  if (fault !== null) throw invalidJson(fault);
  await afterThisTick();
  const value = parse(text);
  await afterThisTick();
  if (!isJsonObject(value)) throw invalidJson("it is no JSON object");
  return { text, value };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw invalidJson("it is not valid JSON");
    throw error;
  }
}

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/** What the text has too much of, worded to follow "that"; null for nothing. Brackets and commas are counted outside of strings. */
function findExcess(text: string): string | null {
  let [values, depth] = [1, 0];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === CLOSE_ARRAY || code === CLOSE_OBJECT) depth -= 1;
    else if (code === COMMA) values += 1;
    else if (code === OPEN_ARRAY || code === OPEN_OBJECT) {
      values += 1;
      depth += 1;
    }
    if (depth > MAX_DEPTH) return "it nests too deep";
    if (values > MAX_VALUES) return `it has more than ${MAX_VALUES} values`;
  }
  return null;
}

/** Where the closing quote stands of the string that begins there; behind the text where it has none. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
}

/** The error for a body that is no JSON object; `fault` follows a colon. */
export function invalidJson(fault: string): FoundryError {
  return new FoundryError(400, "invalid_json", null, `We could not parse the JSON body of your request: ${fault}.`);
}
