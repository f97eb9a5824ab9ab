import type { Item } from "../../../items/item.ts";
import { itemTexts, takeItems } from "../../../items/take-items.ts";
import { type Body, invalidJson } from "./body.ts";
import { arrayTooLong, invalidType, itemError } from "./faults.ts";

/** The items of a call. */
export interface GivenItems {
  /** With the documented additions; references among them. */
  items: readonly Item[];
  /** As they were sent. */
  texts: readonly string[];
}

/** The items in the body, up to `most`; null where it has none. Throws a FoundryError for what breaks a rule. */
export function readItems({ text, value }: Body, most: number): GivenItems | null {
  const given = value.items ?? null;
  if (given === null) return null;
  if (!Array.isArray(given)) throw invalidType("items", "an array of objects", given);
  if (given.length > most) throw arrayTooLong("items", most, given.length);
  const texts = itemTexts(text) ?? [];
  return { items: take(texts), texts };
}

function take(texts: readonly string[]): readonly Item[] {
  try {
    const taken = takeItems(texts);
    if ("fault" in taken) throw itemError(taken.fault);
    return taken.items;
  } catch (error) {
    if (error instanceof RangeError) throw invalidJson(`an item ${error.message}`);
    throw error;
  }
}
