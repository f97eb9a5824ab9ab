import { createHash } from "node:crypto";

import type { JsonObject } from "./json.ts";

/** The spellings of the documented wire form; the database stores and constrains exactly these. */
export const TURN_ROLES = ["user", "assistant"] as const;
export const TURN_STATES = ["in-progress", "done", "stopped", "error"] as const;
export const FRAGMENT_STATES = ["in-progress", "done"] as const;

export type TurnRole = (typeof TURN_ROLES)[number];
export type TurnState = (typeof TURN_STATES)[number];
export type FragmentState = (typeof FRAGMENT_STATES)[number];

/** A piece of a turn, as it is stored and as the Fixie list shows it: `kind` first, `metadata` absent when not set. */
export type MessageFragment = TextFragment | FunctionCallFragment | FunctionResponseFragment;

export interface TextFragment {
  kind: "text";
  content: string;
  state: FragmentState;
  metadata?: JsonObject;
}

export interface FunctionCallFragment {
  kind: "functionCall";
  name: string;
  args: JsonObject;
  metadata?: JsonObject;
}

export interface FunctionResponseFragment {
  kind: "functionResponse";
  name: string;
  /** The function's result to the byte; often JSON text, never parsed here. */
  response: string;
  failed: boolean;
  metadata?: JsonObject;
}

// What full-text search reads of one turn. PostgreSQL refuses a tsvector over 1 MB, so a longer turn is searchable by its beginning only.
const SEARCHED_CHARACTERS = 100_000;

/** The text that search looks through: the turn's text fragments, cut to the first 100,000 characters; null when there is none. */
export function searchedText(messages: readonly MessageFragment[]): string | null {
  const texts = messages.flatMap((fragment) => (fragment.kind === "text" ? [fragment.content] : []));
  const text = texts.join("\n").slice(0, SEARCHED_CHARACTERS);
  return text === "" ? null : text.toWellFormed();
}

/** What the function index keeps of a turn: the distinct functions that it calls, in their first order; null for none. */
export function calledFunctions(messages: readonly MessageFragment[]): string[] | null {
  const names = new Set(
    messages.flatMap((fragment) => (fragment.kind === "functionCall" ? [indexedFunction(fragment.name)] : [])),
  );
  return names.size === 0 ? null : [...names];
}

// PostgreSQL refuses an index entry over 2,700 bytes, and a name may be as long as the caller likes.
const INDEXED_BYTES = 1000;

/** What stands for the function's name in the function index: the name, or for a long one its digest. */
export function indexedFunction(name: string): string {
  return Buffer.byteLength(name) <= INDEXED_BYTES ? name : createHash("sha256").update(name).digest("hex");
}
