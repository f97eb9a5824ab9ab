import { type SQL, sql } from "drizzle-orm";

import type { Slice } from "../../relay/connection.ts";
import type { Sized } from "../../relay/end-by-bytes.ts";
import type { Page } from "../../relay/page.ts";
import { CONVERSATION_COLUMNS } from "../read/conversations.ts";
import { previewColumn } from "../read/previews.ts";
import { type TURN_COLUMNS, type TurnFilter, turnColumns, turnCount, turnList } from "../read/turns.ts";
import { type EntityColumn, mayBeLong } from "../sql/entity-columns.ts";
import { isBehind, type List, pageRows } from "../sql/keyset.ts";
import type { Scope } from "../sql/scope.ts";
import { TURN_BYTES } from "../sql/turn-bytes.ts";
import { MARKS, mark, rowText } from "./row-text.ts";
import type { RawValues } from "./values.ts";

// Raw rows, for callers that pass values on unread. A conversation with its lists of turns is one value of one row, which
// costs the driver a fraction of what the same values cost as columns of many rows.

/** A conversation: its id, then the columns that were asked for; and the lists of turns. */
export interface RawConversation {
  kind: "conversation";
  columns: readonly ConversationColumn[];
  texts: RawValues;
  /** The lengths of its previews that were asked for. */
  previews: readonly number[];
  lists: readonly RawTurnList[];
}

/** A turn: its id, then the columns that were asked for; and its conversation without any list. */
export interface RawTurn {
  kind: "turn";
  texts: RawValues;
  conversation: RawConversation;
}

/** A turn of a list. */
export interface ListedTurn extends RawTurn, Sized {
  /** Whether it was too long to come with its list: then it has only its id. */
  isLong: boolean;
}

export interface RawTurnList extends Slice<ListedTurn> {
  /** What was asked for. */
  read: TurnsRead;
  /** How many turns the filter lets through; 0 when that was not asked for. */
  count: number;
}

/** `key` is the instant that leads the order of the list that the conversation is read in, `preview` the longest one. */
export type ConversationColumn = keyof typeof CONVERSATION_COLUMNS | "key" | "preview";
export type TurnColumn = Exclude<keyof typeof TURN_COLUMNS, "messages">;

/** What is wanted of each conversation. */
export interface ConversationRead {
  columns: readonly ConversationColumn[];
  /** What its previews are cut to. */
  previews: readonly number[];
  lists: readonly TurnsRead[];
}

/** What is wanted of a page of conversations. */
export interface ConversationsRead extends ConversationRead {
  /** Whether the list holds conversations where the page was entered from. */
  hasBehind: boolean;
}

/** What is wanted of each turn. */
export interface TurnRead {
  columns: readonly TurnColumn[];
  /** The messages come last, where they are wanted. */
  messages: boolean;
}

/** A list of turns to be read with each conversation, and what of it is wanted. */
export interface TurnsRead extends TurnRead {
  page: Page;
  filter: TurnFilter;
  rows: boolean;
  /** Whether the list goes on in the direction of travel, and whether it holds rows where the page was entered from. */
  hasMore: boolean;
  hasBehind: boolean;
  count: boolean;
}

/** Where the id stands, of either: it is always read. */
export const ID = 0;

/** Where the column stands in a row of which these are read. */
export function placeOf<Column>(columns: readonly Column[], column: Column): number {
  return columns.indexOf(column) + 1;
}

/** Whether the columns are those of a conversation's head, which a list without them need not look up. */
export function needsHead(columns: readonly ConversationColumn[]): boolean {
  return columns.some((name) => name !== "key" && name !== "preview" && CONVERSATION_COLUMNS[name].alias === "h");
}

/** Where the messages stand. */
export function messagesPlace({ columns }: Pick<TurnRead, "columns">): number {
  return columns.length + 1;
}

const BETWEEN_LISTS = sql` || ${mark(MARKS.list)} || `;

/**
 * An expression: what is wanted of the conversation of `c` and, where a column needs it, `h`; for `splitConversation`.
 * Of turns in its lists that are longer than `wholeBytes` it gives size and id.
 */
export function conversationRowSql(
  scope: Scope,
  { columns, lists }: Pick<ConversationRead, "columns" | "lists">,
  wholeBytes: number,
  key = sql`NULL`,
): SQL {
  // What is long is put together with `||`, which copies it once; `concat` and its like do it three times.
  return sql.join(
    [
      rowText(
        [sql`c.id`],
        columns.map((name) => {
          if (name === "preview") return previewColumn(scope);
          return name === "key" ? keyColumn(key) : CONVERSATION_COLUMNS[name];
        }),
      ),
      ...lists.map((list) => listText(scope, list, wholeBytes)),
    ],
    BETWEEN_LISTS,
  );
}

/** The same of the turn `t` and its conversation, for `splitTurn`. */
export function turnNodeSql(scope: Scope, turn: TurnRead, conversation: ConversationRead): SQL {
  return sql.join(
    [conversationRowSql(scope, { ...conversation, lists: [] }, 0), turnRowText(scope, turn)],
    BETWEEN_LISTS,
  );
}

/** An expression: what is wanted of the turn `t`, for `parseTurnRow`; after `before`. */
export function turnRowText(scope: Scope, read: TurnRead, ...before: readonly SQL[]): SQL {
  return rowText([...before, sql`t.id`], columnsRead(scope, read));
}

/** The size leads, and is negative where the turn is too long for the rest. */
function turnOfListText(scope: Scope, read: TurnRead, wholeBytes: number): SQL {
  const whole = turnRowText(scope, read, TURN_BYTES);
  if (!columnsRead(scope, read).some(mayBeLong)) return whole;
  const long = rowText([sql`-${TURN_BYTES}`, sql`t.id`], []);
  return sql`CASE WHEN ${TURN_BYTES} <= ${wholeBytes} THEN ${whole} ELSE ${long} END`;
}

function columnsRead(scope: Scope, { columns, messages }: TurnRead): EntityColumn[] {
  const known = turnColumns(scope);
  const read = columns.map((name): EntityColumn => known[name]);
  return messages ? [...read, known.messages] : read;
}

function keyColumn(key: SQL): EntityColumn {
  return { alias: "c", sql: key, form: "instant", nullable: false };
}

/** How many turns there are, whether some lie beyond, and the page's turns, each after a mark. */
function listText(scope: Scope, read: TurnsRead, wholeBytes: number): SQL {
  const { page, filter } = read;
  const list = turnList(scope, filter, sql`${turnOfListText(scope, read, wholeBytes)} AS row`);
  const count = read.count ? turnCount(scope, filter) : sql`0`;
  const hasBehind = read.hasBehind ? isBehind(page, list) : sql`false`;
  const head = sql`(${count}::text || CASE WHEN ${hasBehind} THEN 't' ELSE 'f' END)`;
  if (!read.rows) return head;
  const rows = rowsText(pageRows(page, list, read.hasMore ? page.limit + 1 : page.limit), MARKS.turn);
  return sql`${head} || coalesce(${mark(MARKS.turn)} || ${rows}, '')`;
}

/**
 * Two expressions, for `splitConversations`: whether some lie behind, and the page's with one more, as `conversationRowSql`.
 * Not one, as what is long is copied each time that something is put before it.
 */
export function conversationPageSql(page: Page, list: List, { hasBehind }: ConversationsRead): SQL {
  return sql`${hasBehind ? isBehind(page, list) : sql`false`}, ${rowsText(pageRows(page, list, page.limit + 1), MARKS.conversation)}`;
}

/** The rows between marks, in the order of the subselect; null for none. */
function rowsText(rows: SQL, character: number): SQL {
  return sql`(SELECT string_agg(row, ${mark(character)}) FROM (${rows}) AS found)`;
}
