import { parseArguments } from "../items/call-arguments.ts";
import type { JsonObject } from "../model/json.ts";
import type { ReadingNotes } from "./reading-notes.ts";
import { storable } from "./storable.ts";

/**
 * A call's arguments as an object, from an object or from its JSON text; numbers keep their digits. `{}` for an absent
 * value, null and blank text. Anything else that a model may have written (cut off, encoded twice, a list) is kept
 * unchanged under the key `arguments`. Throws RecordError, naming the path, for a value that cannot be stored.
 */
export function readArguments(value: unknown, path: string, notes: ReadingNotes): JsonObject {
  return storable(parseArguments(value) ?? { arguments: value }, path, notes);
}
