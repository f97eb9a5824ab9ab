import { type ItemFault, wordOfType } from "../../../items/item-fault.ts";
import { FoundryError } from "../errors.ts";

/** The error for a member that has to be there. */
export function missingParameter(param: string): FoundryError {
  return new FoundryError(400, "missing_required_parameter", param, `Missing required parameter: '${param}'.`);
}

/** The error for a value of another type; `expected` follows "expected". */
export function invalidType(param: string, expected: string, value: unknown): FoundryError {
  return wrongType(param, expected, wordOfType(value));
}

function wrongType(param: string, expected: string, got: string): FoundryError {
  return new FoundryError(
    400,
    "invalid_type",
    param,
    `Invalid type for '${param}': expected ${expected}, but got ${got} instead.`,
  );
}

/** The error for a text of more characters than it may have. */
export function stringTooLong(param: string, most: number, length: number): FoundryError {
  const message = `Invalid '${param}': string too long. Expected a string with maximum length ${most}, but got a string with length ${length} instead.`;
  return new FoundryError(400, "string_above_max_length", param, message);
}

/** The error for an array of more elements than it may have. */
export function arrayTooLong(param: string, most: number, length: number): FoundryError {
  const message = `Invalid '${param}': array too long. Expected an array with maximum length ${most}, but got an array with length ${length} instead.`;
  return new FoundryError(400, "array_above_max_length", param, message);
}

/** The error for a value that breaks another rule; `rule` follows "Expected". */
export function invalidValue(param: string, rule: string): FoundryError {
  return new FoundryError(400, "invalid_value", param, `Invalid '${param}'. Expected ${rule}.`);
}

/** The error for an id that is there twice. */
export function duplicateItem(id: string): FoundryError {
  const message = `Duplicate item found with id ${id}. Remove duplicate items from your input and try again.`;
  return new FoundryError(400, null, "items", message);
}

/** What is wrong with an incoming item, in the words of the documented service. */
export function itemError(fault: ItemFault): FoundryError {
  switch (fault.code) {
    case "missing_required_parameter":
      return missingParameter(fault.param);
    case "invalid_type":
      return wrongType(fault.param, fault.expected, fault.got);
    case "invalid_word":
      return invalidWord(fault);
    case "string_above_max_length":
      return stringTooLong(fault.param, fault.most, fault.length);
    case "string_below_min_length":
      return stringTooShort(fault);
    case "invalid_value":
      return invalidValue(fault.param, fault.rule);
    case "duplicate":
      return duplicateItem(fault.id);
  }
}

function invalidWord({ param, value, supported }: Extract<ItemFault, { code: "invalid_word" }>): FoundryError {
  const words = supported.map((word) => `'${word}'`);
  const list = `${words.slice(0, -1).join(", ")}, and ${words.at(-1)}`;
  return new FoundryError(400, "invalid_value", param, `Invalid value: '${value}'. Supported values are: ${list}.`);
}

function stringTooShort({
  param,
  least,
  length,
}: Extract<ItemFault, { code: "string_below_min_length" }>): FoundryError {
  const message = `Invalid '${param}': string too short. Expected a string with minimum length ${least}, but got a string with length ${length} instead.`;
  return new FoundryError(400, "string_below_min_length", param, message);
}
