import type { Page } from "../../relay/page.ts";
import type { ConversationFilter } from "../../store/read/conversations.ts";
import type { TurnFilter } from "../../store/read/turns.ts";

/** The arguments of a field, after GraphQL has checked them against their types. */
export type Arguments = Record<string, unknown>;

/**
 * Where the value of a field comes from, for documents that are compiled. It stands beside the field's resolver and says
 * the same; a field without it is resolved. Fields that expose a column of their row need none.
 */
export type FieldSource =
  /** From columns of the row, through the field's own resolver, which gets them as properties and nothing else. */
  | { from: "columns"; columns: readonly string[] }
  /** Conversations, a page of those that the scope sees. Throws as the resolver does. */
  | { from: "conversations"; select(args: Arguments, maxPageSize: number): { page: Page; filter: ConversationFilter } }
  /** The turns of the row, which is a conversation. */
  | { from: "turns"; select(args: Arguments, maxPageSize: number): { page: Page; filter: TurnFilter } }
  /** What has the ids; for a field of an object type, only objects of that type. */
  | { from: "ids"; ids(args: Arguments): readonly string[] }
  /** The conversation of the row, which is a turn. */
  | { from: "conversation" }
  /** The turn whose id the column holds. */
  | { from: "reference"; column: string };

/** The options of a field that say where its value comes from. */
export function source(what: FieldSource): { extensions: { reads: FieldSource } } {
  return { extensions: { reads: what } };
}

/** What `source` said of a field with these extensions; undefined for a field without it. */
export function sourceOf(extensions: Readonly<Record<string, unknown>>): FieldSource | undefined {
  // Safe cast: extensions are untyped, and only `source` sets this one.
  return extensions.reads as FieldSource | undefined;
}
