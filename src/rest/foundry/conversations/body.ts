import { checkDepth } from "../../../model/exact-json.ts";
import { isJsonObject, type JsonObject } from "../../../model/json.ts";
import { FoundryError } from "../errors.ts";

const decoder = new TextDecoder();

/** A body and its text, from which what is kept is cut as it was sent. */
export interface Body {
  text: string;
  value: JsonObject;
}

// Of small values a parser makes many times their bytes, and takes seconds for all that a long body may hold.
const MAX_VALUES = 500_000;

/** The JSON object in the body; an empty body counts as `{}` where it may. Throws a FoundryError for anything else. */
export function parseBody(bytes: Buffer, mayBeEmpty: boolean): Body {
  const text = bytes.length === 0 && mayBeEmpty ? "{}" : decoder.decode(bytes);
  const value = parse(text);
  if (!isJsonObject(value)) throw invalidJson("it is no JSON object");
  return { text, value };
}

function parse(text: string): unknown {
  if (hasMoreValues(text, MAX_VALUES)) throw invalidJson(`it has more than ${MAX_VALUES} values`);
  try {
    checkDepth(text);
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw invalidJson("it is not valid JSON");
    if (error instanceof RangeError) throw invalidJson(`it ${error.message}`);
    throw error;
  }
}

const [QUOTE, BACKSLASH, COMMA, OPEN_ARRAY, OPEN_OBJECT] = [0x22, 0x5c, 0x2c, 0x5b, 0x7b];

/** Whether the text has more than so many opening brackets and commas outside of strings. */
function hasMoreValues(text: string, most: number): boolean {
  let count = 0;
  for (let at = 0; at < text.length && count <= most; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === COMMA || code === OPEN_ARRAY || code === OPEN_OBJECT) count += 1;
  }
  return count > most;
}

/** Where the closing quote stands of the string that begins there; behind the text where it has none. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return at;
  }
  return text.length;
}

function invalidJson(fault: string): FoundryError {
  return new FoundryError(400, "invalid_json", null, `We could not parse the JSON body of your request: ${fault}.`);
}
