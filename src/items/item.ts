import { randomBytes } from "node:crypto";

import type { JsonObject } from "../model/json.ts";

/** The most characters of an item's id, and of the id of a call. */
export const MAX_ITEM_ID_CHARACTERS = 64;

/** An item as it is stored and answered. */
export interface Item {
  /** 1 to 64 letters, digits, `_` and `-`; unique within its conversation. */
  id: string;
  type: string;
  /** The id that connects a call with its output; null for an item without one of 1 to 64 characters. */
  callId: string | null;
  /** The JSON text: as it was sent, with the documented additions. */
  json: string;
  /** The parsed text, numbers with their digits. */
  value: JsonObject;
}

const PREFIXES: Readonly<Record<string, string>> = {
  message: "msg",
  function_call: "fc",
  function_call_output: "fco",
  reasoning: "rs",
  file_search_call: "fs",
  web_search_call: "ws",
  code_interpreter_call: "ci",
  image_generation_call: "ig",
  mcp_call: "mcp",
  mcp_list_tools: "mcpl",
  mcp_approval_request: "mcpr",
  mcp_approval_response: "mcpa",
  custom_tool_call: "ctc",
  custom_tool_call_output: "ctco",
  computer_call: "cu",
  computer_call_output: "cuo",
  local_shell_call: "lsh",
  local_shell_call_output: "lsho",
  shell_call: "lsh",
  shell_call_output: "lsho",
  apply_patch_call: "ap",
  apply_patch_call_output: "apo",
  compaction: "cmp",
};

/** The beginning of the ids of items of the type: `msg_`, `fc_`, …; `item_` for a type that is not known. */
export function itemPrefix(type: string): string {
  return `${(Object.hasOwn(PREFIXES, type) && PREFIXES[type]) || "item"}_`;
}

/** A new id for an item of the type: its prefix and 128 random bits. */
export function newItemId(type: string): string {
  return itemPrefix(type) + randomBytes(16).toString("hex");
}

/** The `call_id` of an item as text; null for none, and for one that is no number or text of 1 to 64 characters. */
export function callIdOfItem({ call_id: callId }: JsonObject): string | null {
  const id = typeof callId === "number" ? String(callId) : callId;
  return typeof id === "string" && isCallId(id) ? id : null;
}

/** Whether the text may be the id of an item. */
export function isItemId(text: string): boolean {
  return /^[\w-]{1,64}$/.test(text);
}

/** Whether the text may be the `call_id` of an item. */
export function isCallId(text: string): boolean {
  return text !== "" && [...text.slice(0, 2 * MAX_ITEM_ID_CHARACTERS + 1)].length <= MAX_ITEM_ID_CHARACTERS;
}
