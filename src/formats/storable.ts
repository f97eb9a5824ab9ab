import { findUnstorableText, isDeeperThan, isJsonObject } from "../model/json.ts";
import { orderedObject } from "../model/ordered-object.ts";
import { MAX_NESTING } from "../model/rules.ts";
import { RecordError } from "./format-errors.ts";
import type { ReadingNotes } from "./reading-notes.ts";

const REPLACEMENT = "\ufffd";

/**
 * The value in a form that PostgreSQL can store. It refuses NUL and half surrogate pairs: with `repair` in the notes,
 * each becomes U+FFFD, in keys too, and is counted; without it they are a RecordError with this path, as is a value
 * that nests too deep.
 */
export function storable<Value>(
  value: Value,
  path: string,
  notes: ReadingNotes,
  toPath = (parent: string, names: readonly string[]) => [parent, ...names].join("."),
): Value {
  if (isDeeperThan(value, MAX_NESTING)) throw new RecordError(path, `nests more than ${MAX_NESTING} deep`);
  const found = findUnstorableText(value);
  if (found === null) return value;
  if (!notes.repair) {
    throw new RecordError(
      toPath(path, found),
      "holds a NUL or half of a surrogate pair (--repair puts U+FFFD in its place)",
    );
  }
  // Safe cast: only characters are replaced, the types of the value and of everything in it stay.
  return repair(value, notes) as Value;
}

function repair(value: unknown, notes: ReadingNotes): unknown {
  if (typeof value === "string") return repairText(value, notes);
  if (Array.isArray(value)) return value.map((child) => repair(child, notes));
  // A number that kept its digits is an object to JavaScript, and stays as it is.
  if (!isJsonObject(value)) return value;
  return orderedObject(Object.entries(value).map(([key, child]) => [repairText(key, notes), repair(child, notes)]));
}

function repairText(text: string, notes: ReadingNotes): string {
  return text.replaceAll(/\0|\p{Surrogate}/gu, () => {
    notes.countRepaired();
    return REPLACEMENT;
  });
}
