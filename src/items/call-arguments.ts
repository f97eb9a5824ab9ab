import { findUnstorableText, isDeeperThan, isJsonObject, type JsonObject, parseJson } from "../model/json.ts";
import { MAX_NESTING } from "../model/rules.ts";

/**
 * The arguments of a call as an object, from an object or from its JSON text; numbers keep their digits. `{}` for null
 * and blank text. Anything else that a model may have written (cut off, encoded twice, a list, what no turn can hold) is
 * kept unchanged as `input`.
 */
export function readArguments(value: unknown): JsonObject {
  if (isJsonObject(value)) return value;
  if (typeof value === "string" && value.trim() === "") return {};
  const parsed = typeof value === "string" ? parseObject(value) : null;
  return parsed ?? { input: value };
}

/** The object in the JSON text; `{}` for null; null for anything else, and for what no turn can hold. */
function parseObject(json: string): JsonObject | null {
  const value = parse(json);
  if (value === null) return {};
  // The arguments stand inside the turn's messages, of which each is an object.
  const isKept = isJsonObject(value) && !isDeeperThan(value, MAX_NESTING) && findUnstorableText(value) === null;
  return isKept ? value : null;
}

/** The value of the JSON text; undefined for a text that is none, or nests too deep. */
function parse(json: string): unknown {
  try {
    return parseJson(json);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}
