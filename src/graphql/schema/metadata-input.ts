import { badInput } from "../../model/errors.ts";
import { orderedObject } from "../../model/ordered-object.ts";
import { MAX_METADATA_KEY_CHARACTERS, MAX_METADATA_VALUE_CHARACTERS } from "../../model/rules.ts";
import type { PairsChange } from "../../store/write/change-pairs.ts";
import { builder } from "./builder.ts";
import { checkLength } from "./input-rules.ts";

export const MetadataEntryInput = builder.inputType("MetadataEntryInput", {
  description: "A pair of the metadata of a conversation or a turn.",
  fields: (t) => ({
    key: t.string({ required: true, description: "Up to 64 characters." }),
    value: t.string({ required: true, description: "Up to 512 characters." }),
  }),
});

/**
 * The entries as a map in their order. BAD_USER_INPUT, naming the entry, for a repeated key and for an entry over the
 * limits.
 */
export function toMetadata(
  argument: string,
  entries: readonly { key: string; value: string }[],
): Record<string, string> {
  const pairs = new Map<string, string>();
  for (const [index, { key, value }] of entries.entries()) {
    checkLength(`${argument}.${index}.key`, key, 0, MAX_METADATA_KEY_CHARACTERS);
    checkLength(`${argument}.${index}.value`, value, 0, MAX_METADATA_VALUE_CHARACTERS);
    if (pairs.has(key)) throw badInput(`${argument}.${index}.key`, "This key is given twice.");
    pairs.set(key, value);
  }
  return orderedObject(pairs);
}

interface PairsInput {
  set: readonly { key: string; value: string }[] | null | undefined;
  remove: readonly string[] | null | undefined;
}

/**
 * The change of pairs that two arguments ask for, which are named `set` and `remove`. BAD_USER_INPUT as `toMetadata`, and for a
 * key that is to be set and removed.
 */
export function toPairsChange(names: { set: string; remove: string }, { set, remove }: PairsInput): PairsChange {
  const pairs = toMetadata(names.set, set ?? []);
  const both = (remove ?? []).findIndex((key) => Object.hasOwn(pairs, key));
  if (both >= 0) throw badInput(`${names.remove}.${both}`, "This key is set too.");
  return { set: pairs, remove: remove ?? [] };
}
