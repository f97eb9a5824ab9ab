import { findUnstorableText, isDeeperThan, isJsonObject, type JsonObject } from "../model/json.ts";
import { MAX_NESTING } from "../model/rules.ts";
import { MAX_ITEM_ID_CHARACTERS } from "./item.ts";
import { type ItemFault, wordOfType } from "./item-fault.ts";

const MESSAGE_ROLES = ["assistant", "system", "developer", "user"] as const;

const MEMBER_CHECKS: Readonly<Record<string, (item: JsonObject, path: string) => ItemFault | null>> = {
  message: (item, path) => checkRole(item, path) ?? checkParts(item, path, "content"),
  function_call: (item, path) =>
    checkCallId(item, path) ?? checkText(item, path, "name") ?? checkText(item, path, "arguments"),
  function_call_output: (item, path) => checkCallId(item, path) ?? checkParts(item, path, "output"),
  item_reference: (item, path) => checkText(item, path, "id"),
};

/**
 * What is wrong with an incoming item; null for nothing. Looks at what is documented and no further: members and types
 * that are not known are kept. The cost grows with the item.
 */
export function checkItem(item: unknown, path: string): ItemFault | null {
  if (!isJsonObject(item)) return wrongType(path, "an object", item);
  if (isDeeperThan(item, MAX_NESTING)) {
    return { code: "invalid_value", param: path, rule: `a value that nests up to ${MAX_NESTING} deep` };
  }
  const unstorable = findUnstorableText(item);
  if (unstorable !== null) {
    const param = unstorable.reduce((parent, name) => pathTo(parent, name), path);
    return { code: "invalid_value", param, rule: "text without NUL and without halves of surrogate pairs" };
  }
  const { type = null, id = null } = item;
  if (type !== null && typeof type !== "string") return wrongType(`${path}.type`, "a string", type);
  const known = type ?? typeFromMembers(item);
  if (known === null) return missing(`${path}.type`);
  const check = Object.hasOwn(MEMBER_CHECKS, known) ? MEMBER_CHECKS[known] : undefined;
  return (id === null ? null : checkId(id, `${path}.id`)) ?? check?.(item, path) ?? null;
}

/** The type of an item that names none: `message` where role and content say so; null otherwise. */
export function typeFromMembers({ role = null, content = null }: JsonObject): "message" | null {
  return role === null || content === null ? null : "message";
}

function checkId(id: unknown, param: string): ItemFault | null {
  const fault = checkLength(id, param);
  if (fault !== null || typeof id !== "string" || /^[\w-]+$/.test(id)) return fault;
  return { code: "invalid_value", param, rule: "an ID of letters, numbers, underscores and dashes" };
}

function checkCallId({ call_id: callId = null }: JsonObject, path: string): ItemFault | null {
  return callId === null ? missing(`${path}.call_id`) : checkLength(callId, `${path}.call_id`);
}

function checkLength(text: unknown, param: string): ItemFault | null {
  if (typeof text !== "string") return wrongType(param, "a string", text);
  const length = text.length > 2 * MAX_ITEM_ID_CHARACTERS ? text.length : [...text].length;
  if (length === 0) return { code: "string_below_min_length", param, least: 1, length };
  return length > MAX_ITEM_ID_CHARACTERS
    ? { code: "string_above_max_length", param, most: MAX_ITEM_ID_CHARACTERS, length }
    : null;
}

function checkText(item: JsonObject, path: string, name: string): ItemFault | null {
  const value = item[name] ?? null;
  if (value === null) return missing(`${path}.${name}`);
  return typeof value === "string" ? null : wrongType(`${path}.${name}`, "a string", value);
}

function checkRole({ role = null }: JsonObject, path: string): ItemFault | null {
  const param = `${path}.role`;
  if (role === null) return missing(param);
  if (typeof role !== "string") return wrongType(param, "a string", role);
  return MESSAGE_ROLES.some((known) => known === role)
    ? null
    : { code: "invalid_word", param, value: role, supported: MESSAGE_ROLES };
}

/** A text, or an array of objects. */
function checkParts(item: JsonObject, path: string, name: string): ItemFault | null {
  const param = `${path}.${name}`;
  const value = item[name] ?? null;
  if (value === null) return missing(param);
  if (typeof value === "string") return null;
  if (!Array.isArray(value)) return wrongType(param, "a string or an array of objects", value);
  const at = value.findIndex((part) => !isJsonObject(part));
  return at < 0 ? null : wrongType(`${param}[${at}]`, "an object", value[at]);
}

function missing(param: string): ItemFault {
  return { code: "missing_required_parameter", param };
}

function wrongType(param: string, expected: string, value: unknown): ItemFault {
  return { code: "invalid_type", param, expected, got: wordOfType(value) };
}

function pathTo(parent: string, name: string): string {
  return /^\d+$/.test(name) ? `${parent}[${name}]` : `${parent}.${name}`;
}
