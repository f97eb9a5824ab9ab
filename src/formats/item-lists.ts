import { isCallType } from "../items/item-fragments.ts";
import { isJsonObject } from "../model/json.ts";
import type { Fields } from "./fields.ts";

/** The types of items that are neither messages nor calls. */
const OTHER_TYPES = new Set([
  "reasoning",
  "compaction",
  "item_reference",
  "mcp_list_tools",
  "mcp_approval_request",
  "mcp_approval_response",
]);

/** Whether the value looks like an item of OpenAI's APIs. */
export function isItem(value: unknown): boolean {
  if (!isJsonObject(value) || typeof value.type !== "string") return false;
  const { type } = value;
  if (type === "message") return typeof value.role === "string";
  return OTHER_TYPES.has(type) || isCallType(type) || type.endsWith("_call_output");
}

/**
 * Whether the items are newest first, the API's default order: an output then precedes its call, and without calls an
 * answer its question.
 */
export function isNewestFirst(items: readonly Fields[]): boolean {
  const answered = new Set<unknown>();
  for (const item of items) {
    const type = item.peek("type");
    const callId = item.peek("call_id");
    if (typeof type !== "string" || typeof callId !== "string") continue;
    if (isCallType(type)) return answered.has(callId);
    answered.add(callId);
  }
  const roles = items.map((item) => item.peek("role")).filter((role) => role === "user" || role === "assistant");
  return roles[0] === "assistant" && roles.at(-1) === "user";
}
