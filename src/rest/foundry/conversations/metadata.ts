import { memberText } from "../../../items/json-text.ts";
import { isJsonObject, isStorableText, parseRequestJson } from "../../../model/json.ts";
import {
  MAX_METADATA_KEY_CHARACTERS,
  MAX_METADATA_PAIRS,
  MAX_METADATA_VALUE_CHARACTERS,
} from "../../../model/rules.ts";
import { FoundryError } from "../errors.ts";
import type { Body } from "./body.ts";
import { invalidType, invalidValue, stringTooLong } from "./faults.ts";

/** The metadata in the body, in their order; undefined where it has none. Throws a FoundryError for what breaks a rule. */
export function readMetadata({ text, value }: Body): Record<string, string> | null | undefined {
  const { metadata } = value;
  if (metadata === undefined || metadata === null) return metadata;
  if (!isJsonObject(metadata)) throw invalidType("metadata", "an object", metadata);
  const count = Object.keys(metadata).length;
  if (count > MAX_METADATA_PAIRS) throw tooManyPairs(count);
  for (const [key, pair] of Object.entries(metadata)) checkPair(key, pair);
  // Again, as keys that look like numbers have lost their places in the value. Safe cast: all values are strings.
  return parseRequestJson(memberText(text, "metadata") ?? "{}") as Record<string, string>;
}

function checkPair(key: string, value: unknown): void {
  const param = `metadata.${key}`;
  const keyLength = [...key].length;
  if (keyLength > MAX_METADATA_KEY_CHARACTERS) throw keyTooLong(param, keyLength);
  if (typeof value !== "string") throw invalidType(param, "a string", value);
  const length = [...value].length;
  if (length > MAX_METADATA_VALUE_CHARACTERS) throw stringTooLong(param, MAX_METADATA_VALUE_CHARACTERS, length);
  if (!isStorableText(key) || !isStorableText(value)) {
    throw invalidValue(param, "text without NUL and without halves of surrogate pairs");
  }
}

function tooManyPairs(count: number): FoundryError {
  const message = `Invalid 'metadata': too many properties. Expected an object with at most ${MAX_METADATA_PAIRS} properties, but got an object with ${count} properties instead.`;
  return new FoundryError(400, "object_above_max_properties", "metadata", message);
}

function keyTooLong(param: string, length: number): FoundryError {
  const message = `Invalid '${param}': key too long. Expected a key with maximum length ${MAX_METADATA_KEY_CHARACTERS}, but got a key with length ${length} instead.`;
  return new FoundryError(400, "string_above_max_length", param, message);
}
