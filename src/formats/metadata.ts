import { orderedObject } from "../model/ordered-object.ts";
import { MAX_METADATA_KEY_CHARACTERS, MAX_METADATA_PAIRS, MAX_METADATA_VALUE_CHARACTERS } from "../model/rules.ts";
import type { Fields } from "./fields.ts";
import type { ReadingNotes } from "./reading-notes.ts";
import { storable } from "./storable.ts";

/** The metadata in a field, `{}` when absent. Throws RecordError for anything over the limits. */
export function readMetadata(fields: Fields, name: string): Record<string, string> {
  const pairs = Object.entries(fields.optionalObject(name) ?? {}).map(([key, value]): [string, string] => {
    if (typeof value !== "string") throw fields.error(name, `${JSON.stringify(key)} must be a string`);
    const reason = overLimit(key, value);
    if (reason !== null) throw fields.error(name, `${JSON.stringify(key)} has a ${reason}`);
    return [key, value];
  });
  if (pairs.length > MAX_METADATA_PAIRS) throw fields.error(name, `has more than ${MAX_METADATA_PAIRS} pairs`);
  return orderedObject(pairs);
}

/**
 * The metadata of a service's conversation in a field, documented as texts: counts other values as left out. For
 * `fitMetadata`.
 */
export function takeTexts(fields: Fields, name: string, notes: ReadingNotes): [key: string, value: string][] {
  return Object.entries(fields.optionalObject(name) ?? {}).flatMap(([key, value]): [string, string][] => {
    if (typeof value === "string") return [[key, value]];
    notes.countLeftOutMetadata(key, "no text");
    return [];
  });
}

/**
 * As many of the pairs as metadata may hold, in order; of two with one key the first. Counts the rest as left out,
 * because fields beside the messages of a file need not fit.
 */
export function fitMetadata(
  pairs: Iterable<[key: string, value: string]>,
  notes: ReadingNotes,
): Record<string, string> {
  const kept = new Map<string, string>();
  for (const [name, text] of pairs) {
    const key = storable(name, name, notes);
    const value = storable(text, name, notes);
    const reason = kept.has(key)
      ? "key taken"
      : (overLimit(key, value) ?? (kept.size === MAX_METADATA_PAIRS ? `over ${MAX_METADATA_PAIRS} pairs` : null));
    if (reason === null) kept.set(key, value);
    else notes.countLeftOutMetadata(key, reason);
  }
  return orderedObject(kept);
}

function overLimit(key: string, value: string): string | null {
  if (isLongerThan(key, MAX_METADATA_KEY_CHARACTERS)) return `key over ${MAX_METADATA_KEY_CHARACTERS} characters`;
  return isLongerThan(value, MAX_METADATA_VALUE_CHARACTERS)
    ? `value over ${MAX_METADATA_VALUE_CHARACTERS} characters`
    : null;
}

// In code points, as PostgreSQL's char_length counts.
function isLongerThan(text: string, limit: number): boolean {
  return text.length > limit && (text.length > 2 * limit || [...text].length > limit);
}
