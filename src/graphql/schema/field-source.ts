import type { Page } from "../../relay/page.ts";
import type { ConversationFilter } from "../../store/read/conversations.ts";
import type { TurnFilter } from "../../store/read/turns.ts";

/** The arguments of a field, after graphql-js has checked them against their types. */
export type Arguments = Record<string, unknown>;

/**
 * The source of a field's value, for documents that are compiled. It stands beside the field's resolver and must give
 * the same value; a field without a source is resolved. Fields that expose a column of their row need none.
 */
export type FieldSource =
  /** Columns of the row, through the field's own resolver, which gets them as properties and nothing else. */
  | { from: "columns"; columns: readonly string[] }
  /** A page of the conversations in the scope. `select` throws as the resolver does. */
  | { from: "conversations"; select(args: Arguments, maxPageSize: number): { page: Page; filter: ConversationFilter } }
  /** A page of the turns of the row, which is a conversation. */
  | { from: "turns"; select(args: Arguments, maxPageSize: number): { page: Page; filter: TurnFilter } }
  /** The one turn of such a page; null for none. */
  | { from: "lastTurn"; page: Page; filter: TurnFilter }
  /** The row's preview, which is a conversation, up to a length. `length` throws as the resolver does. */
  | { from: "preview"; length(args: Arguments): number }
  /** The objects with the ids; for a field of an object type, only objects of that type. */
  | { from: "ids"; ids(args: Arguments): readonly string[] }
  /** The conversation of the row, which is a turn. */
  | { from: "conversation" }
  /** The turn whose id is in the column. */
  | { from: "reference"; column: string };

/** The options of a field that declare the source of its value. */
export function source(what: FieldSource): { extensions: { reads: FieldSource } } {
  return { extensions: { reads: what } };
}

/** The source in the extensions of a field; undefined when the field declares none. */
export function sourceOf(extensions: Readonly<Record<string, unknown>>): FieldSource | undefined {
  // Safe cast: extensions are untyped, and only `source()` sets this one.
  return extensions.reads as FieldSource | undefined;
}
