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
  /** The function's result, byte for byte; often JSON text, never parsed here. */
  response: string;
  failed: boolean;
  metadata?: JsonObject;
}

// PostgreSQL refuses a tsvector over 1 MB, so search covers only the beginning of a longer turn.
const SEARCHED_CHARACTERS = 100_000;

/**
 * The text of a turn for full-text search: its text fragments, cut to the first 100,000 characters; null when it has
 * none.
 */
export function searchedText(messages: readonly MessageFragment[]): string | null {
  const texts = messages.flatMap((fragment) => (fragment.kind === "text" ? [fragment.content] : []));
  const text = texts.join("\n").slice(0, SEARCHED_CHARACTERS);
  return text === "" ? null : text.toWellFormed();
}

/**
 * The entries of a turn in the function index: the distinct functions that it calls, in order of first call; null for
 * none.
 */
export function calledFunctions(messages: readonly MessageFragment[]): string[] | null {
  const names = new Set(
    messages.flatMap((fragment) => (fragment.kind === "functionCall" ? [indexedFunction(fragment.name)] : [])),
  );
  return names.size === 0 ? null : [...names];
}

// PostgreSQL refuses an index entry over 2,700 bytes, and the length of a name has no limit.
const INDEXED_BYTES = 1000;

/** The function's entry in the function index: its name, or the digest of a long one. */
export function indexedFunction(name: string): string {
  return Buffer.byteLength(name) <= INDEXED_BYTES ? name : createHash("sha256").update(name).digest("hex");
}
