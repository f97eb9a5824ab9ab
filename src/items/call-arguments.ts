import { findUnstorableText, isDeeperThan, isJsonObject, type JsonObject, parseJson } from "../model/json.ts";
import { MAX_NESTING } from "../model/rules.ts";

/**
 * The arguments of an item's call as an object, from an object or from its JSON text; numbers keep their digits. `{}` for
 * null and blank text. Anything else that a model may have written (cut off, encoded twice, a list, what no turn can hold)
 * is kept unchanged as `input`.
 */
export function readArguments(value: unknown): JsonObject {
  const args = parseArguments(value);
  return args === null || !isStorable(args) ? { input: value } : args;
}

/** As `readArguments`, but null for what is no object, and values that no turn can hold are not looked for. */
export function parseArguments(value: unknown): JsonObject | null {
  if (isJsonObject(value)) return value;
  if (value === undefined || value === null) return {};
  if (typeof value !== "string") return null;
  if (value.trim() === "") return {};
  const parsed = parse(value);
  if (parsed === null) return {};
  return isJsonObject(parsed) ? parsed : null;
}

function isStorable(args: JsonObject): boolean {
  return !isDeeperThan(args, MAX_NESTING) && findUnstorableText(args) === null;
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
