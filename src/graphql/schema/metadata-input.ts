import { badInput } from "../../model/errors.ts";
import { orderedObject } from "../../model/ordered-object.ts";
import { MAX_METADATA_KEY_CHARACTERS, MAX_METADATA_VALUE_CHARACTERS } from "../../model/rules.ts";
import { builder } from "./builder.ts";
import { checkLength } from "./input-rules.ts";

export const MetadataEntryInput = builder.inputType("MetadataEntryInput", {
  description: "A pair of a conversation's metadata.",
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
