import { createHash } from "node:crypto";

import type { JsonObject } from "./json.ts";

/** The spellings of the documented wire form; the database stores and constrains exactly these. */
export const TURN_ROLES = ["user", "assistant"] as const;
export const TURN_STATES = ["in-progress", "done", "stopped", "error"] as const;
export const FRAGMENT_STATES = ["in-progress", "done"] as const;

export type TurnRole = (typeof TURN_ROLES)[number];
export type TurnState = (typeof TURN_STATES)[number];
export type FragmentState = (typeof FRAGMENT_STATES)[number];

/** What a key of a fragment holds. */
export interface FragmentValues {
  text: string;
  state: FragmentState;
  boolean: boolean;
  object: JsonObject;
}

/**
 * The keys of each kind of fragment after `kind`, in the order in which they are stored and shown, with what they hold.
 * Types, readers, inputs and compiled reads follow from this table. `metadata` comes last, and alone may be absent.
 */
export const FRAGMENT_FORMS = {
  text: { content: "text", state: "state", metadata: "object" },
  functionCall: { name: "text", args: "object", metadata: "object" },
  // The response is the function's result to the byte; often JSON text, never parsed here.
  functionResponse: { name: "text", response: "text", failed: "boolean", metadata: "object" },
} as const satisfies Record<string, Record<string, keyof FragmentValues>>;

export type FragmentKind = keyof typeof FRAGMENT_FORMS;
// Safe cast: Object.keys forgets the names of keys.
export const FRAGMENT_KINDS = Object.keys(FRAGMENT_FORMS) as FragmentKind[];

type FragmentOf<Kind extends FragmentKind> = { kind: Kind; metadata?: JsonObject } & {
  -readonly [Key in Exclude<
    keyof (typeof FRAGMENT_FORMS)[Kind],
    "metadata"
  >]: (typeof FRAGMENT_FORMS)[Kind][Key] extends keyof FragmentValues
    ? FragmentValues[(typeof FRAGMENT_FORMS)[Kind][Key]]
    : never;
};

export interface TextFragment extends FragmentOf<"text"> {}
export interface FunctionCallFragment extends FragmentOf<"functionCall"> {}
export interface FunctionResponseFragment extends FragmentOf<"functionResponse"> {}

/** A piece of a turn, as it is stored and as the Fixie list shows it. */
export type MessageFragment = TextFragment | FunctionCallFragment | FunctionResponseFragment;

/** The keys of a kind with what they hold, in their order. */
export function fragmentKeys(kind: FragmentKind): [key: string, form: keyof FragmentValues][] {
  return Object.entries(FRAGMENT_FORMS[kind]);
}

/** The id by which a call and its response belong together, from their metadata; null where that has none. */
export function callIdOf({ metadata }: FunctionCallFragment | FunctionResponseFragment): string | null {
  return typeof metadata?.callId === "string" && metadata.callId !== "" ? metadata.callId : null;
}

// PostgreSQL refuses a tsvector over 1 MB, so search covers only the beginning of a longer turn.
export const SEARCHED_CHARACTERS = 100_000;

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
