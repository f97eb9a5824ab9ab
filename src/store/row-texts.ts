import { type SQL, sql } from "drizzle-orm";

import type { Slice } from "../relay/connection.ts";
import type { Page } from "../relay/page.ts";
import { Bytes, findControl } from "./bytes.ts";
import { cutSlice, isBeyond, type List, pageRows } from "./keyset.ts";
import { CONVERSATION_COLUMNS } from "./read-conversations.ts";
import { TURN_COLUMNS, type TurnFilter, turnCount, turnList } from "./read-turns.ts";
import { splitTexts, type Texts } from "./texts.ts";

// Rows as text, for who hands them on unread: a conversation with its lists of turns is one value of one row, which costs
// the driver a fraction of what the same values cost as columns of many rows.

/** A conversation: its id, then the columns that were asked for; and the lists of turns. */
export interface ConversationTexts {
  kind: "conversation";
  columns: readonly ConversationColumn[];
  texts: Texts;
  lists: readonly TurnTextsList[];
}

/** A turn: its id, then the columns that were asked for; and its conversation without any list. */
export interface TurnTexts {
  kind: "turn";
  texts: Texts;
  conversation: ConversationTexts;
}

export interface TurnTextsList extends Slice<TurnTexts> {
  /** What was asked for. */
  read: TurnsRead;
  /** How many turns the filter lets through; 0 when that was not asked for. */
  count: number;
}

/** `key` is the instant that leads the order of the list that the conversation is read in. */
export type ConversationColumn = keyof typeof CONVERSATION_COLUMNS | "key";
export type TurnColumn = Exclude<keyof typeof TURN_COLUMNS, "messages">;

/** What is wanted of each conversation. */
export interface ConversationRead {
  columns: readonly ConversationColumn[];
  lists: readonly TurnsRead[];
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
  /** Whether rows lie on either side of the page. */
  sides: boolean;
  count: boolean;
}

/** Where the id stands, of either: it is always read. */
export const ID = 0;

/** Where the column stands in a row of which these are read. */
export function placeOf<Column>(columns: readonly Column[], column: Column): number {
  return columns.indexOf(column) + 1;
}

/** Where the messages stand. */
export function messagesPlace({ columns }: Pick<TurnRead, "columns">): number {
  return columns.length + 1;
}

// What a caller may have put any character into, or left out. It comes as JSON text, which has no control characters; and
// neither have ids, numbers, instants, and the words of an enum.
const QUOTED = new Set(["agentName", "agentVersion", "errorDetail", "inReplyToId"]);

const TEXT = 0x1f;
const TURN = 0x1e;
const LIST = 0x1d;
const CONVERSATION = 0x1c;
/** How PostgreSQL begins to spell true. */
const TRUE = "t".charCodeAt(0);
const TEXT_MARK = mark(TEXT);
const LIST_MARK = mark(LIST);

/** An expression: what is wanted of the conversation of `c` and, where a column needs it, `h`; for `parseConversation`. */
export function conversationText({ columns, lists }: ConversationRead, key = sql`NULL`): SQL {
  const own = rowText(sql`c.id`, columns, { ...CONVERSATION_COLUMNS, key });
  if (lists.length === 0) return own;
  return sql`concat(${own}, ${LIST_MARK}, ${sql.join(lists.map(listText), sql`, ${LIST_MARK}, `)})`;
}

/** The same of the turn `t` and its conversation, for `parseTurn`. */
export function turnText(turn: TurnRead, conversation: ConversationRead): SQL {
  return sql`concat(${conversationText({ ...conversation, lists: [] })}, ${LIST_MARK}, ${turnRowText(turn)})`;
}

function turnRowText({ columns, messages }: TurnRead): SQL {
  return rowText(sql`t.id`, messages ? [...columns, "messages"] : columns, TURN_COLUMNS);
}

function rowText(id: SQL, names: readonly string[], columns: Record<string, SQL>): SQL {
  const texts = names.map((name) =>
    QUOTED.has(name) ? sql`coalesce(to_json(${columns[name]})::text, '')` : columns[name],
  );
  return sql`concat_ws(${sql.join([TEXT_MARK, id, ...texts], sql`, `)})`;
}

function listText(read: TurnsRead): SQL {
  const { page, filter } = read;
  const list = turnList(filter, sql`${turnRowText(read)} AS row`);
  return pageText(page, list, { ...read, count: read.count ? turnCount(filter) : null }, TURN);
}

/** An expression: the page's conversations, each as `conversationText`, for `parseConversations`. */
export function conversationsText(page: Page, list: List): SQL {
  return sql`concat(${pageText(page, list, { rows: true, sides: true, count: null }, CONVERSATION)})`;
}

interface PageParts {
  rows: boolean;
  sides: boolean;
  count: SQL | null;
}

/** The count, whether there are rows beyond, and each row after a mark. */
function pageText(page: Page, list: List, { rows, sides, count }: PageParts, character: number): SQL {
  const found = pageRows(page, list, sides ? page.limit + 1 : page.limit);
  const each = mark(character);
  return sql`${count ?? sql`0`}, ${sides ? isBeyond(page, list) : sql`false`}${
    // The aggregate takes the rows in the order of the subselect.
    rows ? sql`, (SELECT ${each} || string_agg(row, ${each}) FROM (${found}) AS found)` : sql``
  }`;
}

/** The conversations in the bytes of a `conversationsText` of the same. */
export function parseConversations(text: Buffer, page: Page, read: ConversationRead): Slice<ConversationTexts> {
  const bytes = new Bytes(text);
  return parsePage(bytes, 0, bytes.length, page, CONVERSATION, (start, end) => parseOne(bytes, start, end, read));
}

/** The conversation in the bytes of a `conversationText` of the same. */
export function parseConversation(text: Buffer, read: ConversationRead): ConversationTexts {
  const bytes = new Bytes(text);
  return parseOne(bytes, 0, bytes.length, read);
}

/** The turn in the bytes of a `turnText` of the same. */
export function parseTurn(text: Buffer, turn: TurnRead, { columns }: ConversationRead): TurnTexts {
  const bytes = new Bytes(text);
  const end = endOf(bytes, LIST, 0, bytes.length);
  return parseRow(bytes, end + 1, bytes.length, turn, parseOne(bytes, 0, end, { columns, lists: [] }));
}

function parseOne(bytes: Bytes, start: number, end: number, { columns, lists }: ConversationRead): ConversationTexts {
  let at = lists.length === 0 ? end : endOf(bytes, LIST, start, end);
  const texts = splitTexts(bytes, start, at, TEXT, columns.length + 1);
  const conversation: ConversationTexts = { kind: "conversation", columns, texts, lists: [] };
  if (lists.length === 0) return conversation;
  const parsed = lists.map((list) => {
    const first = at + 1;
    at = endOf(bytes, LIST, first, end);
    return parseList(bytes, first, at, list, conversation);
  });
  return { ...conversation, lists: parsed };
}

function parseList(
  bytes: Bytes,
  start: number,
  end: number,
  read: TurnsRead,
  conversation: ConversationTexts,
): TurnTextsList {
  const parse = (from: number, to: number) => parseRow(bytes, from, to, read, conversation);
  return { ...parsePage(bytes, start, end, read.page, TURN, parse), read };
}

function parsePage<Row>(
  bytes: Bytes,
  start: number,
  end: number,
  page: Page,
  mark: number,
  parse: (start: number, end: number) => Row,
) {
  const head = findControl(bytes, start, end);
  const rows: Row[] = [];
  for (let at = head + 1; at <= end; ) {
    const next = endOf(bytes, mark, at, end);
    rows.push(parse(at, next));
    at = next + 1;
  }
  const beyond = bytes.buffer[head - 1] === TRUE;
  return { ...cutSlice(page, rows, beyond), count: Number(bytes.buffer.toString("latin1", start, head - 1)) };
}

function parseRow(
  bytes: Bytes,
  start: number,
  end: number,
  { columns, messages }: TurnRead,
  conversation: ConversationTexts,
): TurnTexts {
  const count = columns.length + (messages ? 2 : 1);
  return { kind: "turn", texts: splitTexts(bytes, start, end, TEXT, count), conversation };
}

function endOf(bytes: Bytes, mark: number, start: number, end: number): number {
  const found = bytes.buffer.indexOf(mark, start);
  return found < 0 || found > end ? end : found;
}

function mark(character: number): SQL {
  return sql.raw(`chr(${character})`);
}
