import { isJsonObject, type JsonObject, parseJson } from "../model/json.ts";
import type { ReadingNotes } from "./reading-notes.ts";
import { storable } from "./storable.ts";

/**
 * A call's arguments as an object, from an object or from its JSON text; numbers keep their digits. `{}` for an absent
 * value, null and blank text. Anything else that a model may have written (cut off, encoded twice, a list) is kept
 * unchanged under the key `arguments`. Throws RecordError, naming the path, for a value that cannot be stored.
 */
export function readArguments(value: unknown, path: string, notes: ReadingNotes): JsonObject {
  return storable(toObject(value), path, notes);
}

function toObject(value: unknown): JsonObject {
  if (isJsonObject(value)) return value;
  if (value === undefined || value === null) return {};
  if (typeof value !== "string") return { arguments: value };
  return value.trim() === "" ? {} : (parseObject(value) ?? { arguments: value });
}

/** The object in the JSON text; `{}` for null; null for anything else. */
function parseObject(json: string): JsonObject | null {
  try {
    const value = parseJson(json);
    if (value === null) return {};
    return isJsonObject(value) ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
