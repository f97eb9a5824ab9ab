import { isIdOf, type NodeKind } from "../model/ids.ts";
import { parseInstant } from "../model/instant.ts";
import type { Fields } from "./fields.ts";

/**
 * The id in the field, `id` by default; null when absent. Throws RecordError for a text that cannot be the id of this
 * kind of object.
 */
export function readId(fields: Fields, kind: NodeKind, name = "id"): string | null {
  const id = fields.optionalExactText(name);
  if (id === null || isIdOf(kind, id)) return id;
  throw fields.error(name, "must be 1 to 128 printable ASCII characters, without another kind's prefix (conv_, turn_)");
}

/** The instant in a required field, cut to milliseconds. */
export function readInstant(fields: Fields, name: string): Date {
  const instant = parseInstant(fields.text(name));
  if (instant === null) throw fields.error(name, "must be an RFC 3339 instant of the years 0001 to 9999");
  return instant;
}
