import { type SQL, sql } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";

import type { Slice } from "../relay/connection.ts";
import type { Page } from "../relay/page.ts";
import { cutSlice, isBeyond, pageRows } from "./keyset.ts";
import { CONVERSATION_COLUMNS } from "./read-conversations.ts";
import { TURN_COLUMNS, type TurnFilter, turnCount, turnList } from "./read-turns.ts";
import { splitTexts, type Texts } from "./texts.ts";

// Rows as text, for who hands them on unread: a conversation with its lists of turns is one value of one row, which costs
// the driver a fraction of what the same values cost as columns of many rows.

/** A conversation: its columns, at the places of `CONVERSATION_TEXTS`, and the lists of turns asked for with it. */
export interface ConversationTexts {
  kind: "conversation";
  texts: Texts;
  lists: readonly TurnTextsList[];
}

/** A turn: its columns, at the places of `TURN_TEXTS`, and its conversation without any list. */
export interface TurnTexts {
  kind: "turn";
  texts: Texts;
  conversation: ConversationTexts;
}

export interface TurnTextsList extends Slice<TurnTexts> {
  /** How many turns the filter lets through; 0 when that was not asked for. */
  count: number;
}

/** A list of turns to be read with each conversation, and what of it is wanted. */
export interface TurnsRead {
  page: Page;
  filter: TurnFilter;
  rows: boolean;
  messages: boolean;
  /** Whether rows lie on either side of the page. */
  sides: boolean;
  count: boolean;
}

const { messages, ...shortTurnColumns } = TURN_COLUMNS;

/** Where the id stands, of either. */
export const ID = 0;
/** Where each column of a conversation stands. */
export const CONVERSATION_TEXTS = ["id", ...Object.keys(CONVERSATION_COLUMNS)];
/** The same of a turn. The messages come last, and are absent where nobody wants them. */
export const TURN_TEXTS = ["id", ...Object.keys(shortTurnColumns), "messages"];

// What a caller may have put any character into, or left out. It comes as JSON text, which has no control characters; and
// neither have ids, numbers, instants, and the words of an enum.
const QUOTED = new Set(["agentName", "agentVersion", "errorDetail", "inReplyToId"]);

const TEXT = 0x1f;
const ROW = 0x1e;
const LIST = 0x1d;
/** How PostgreSQL begins to spell true. */
const TRUE = "t".charCodeAt(0);
const TEXT_MARK = mark(TEXT);
const ROW_MARK = mark(ROW);
const LIST_MARK = mark(LIST);

// As ready text: it is the same in every statement, and the statement is put together for every request.
const CONVERSATION_TEXT = ready(sql`concat_ws(${TEXT_MARK}, c.id, ${textList(CONVERSATION_COLUMNS)})`);
const SHORT_TURN_TEXT = ready(sql`concat_ws(${TEXT_MARK}, t.id, ${textList(shortTurnColumns)})`);
const TURN_TEXT = ready(sql`concat_ws(${TEXT_MARK}, t.id, ${textList(shortTurnColumns)}, ${messages})`);

/** An expression: the conversation of `c` and `h` with the lists, for `parseConversation`. */
export function conversationText(lists: readonly TurnsRead[]): SQL {
  if (lists.length === 0) return CONVERSATION_TEXT;
  return sql`concat(${CONVERSATION_TEXT}, ${LIST_MARK}, ${sql.join(lists.map(listText), sql`, ${LIST_MARK}, `)})`;
}

/** The same of the turn `t` and its conversation, for `parseTurn`. */
export function turnText(): SQL {
  return sql`concat(${CONVERSATION_TEXT}, ${LIST_MARK}, ${TURN_TEXT})`;
}

/** The count, whether there are rows beyond, and each row after a mark of its own. */
function listText({ page, filter, rows, messages, sides, count }: TurnsRead): SQL {
  const list = turnList(filter, sql`${messages ? TURN_TEXT : SHORT_TURN_TEXT} AS row`);
  const found = pageRows(page, list, sides ? page.limit + 1 : page.limit);
  return sql`${count ? turnCount(filter) : sql`0`}, ${sides ? isBeyond(page, list) : sql`false`}${
    // The aggregate takes the rows in the order of the subselect.
    rows ? sql`, (SELECT ${ROW_MARK} || string_agg(row, ${ROW_MARK}) FROM (${found}) AS found)` : sql``
  }`;
}

/** The conversation in the bytes of a `conversationText` with these lists. */
export function parseConversation(bytes: Buffer, lists: readonly TurnsRead[]): ConversationTexts {
  let [start, end] = [0, endOf(bytes, LIST, 0)];
  const texts = splitTexts(bytes, start, end, TEXT, CONVERSATION_TEXTS.length);
  const conversation: ConversationTexts = { kind: "conversation", texts, lists: [] };
  if (lists.length === 0) return conversation;
  const parsed = lists.map(({ page }) => {
    start = end + 1;
    end = endOf(bytes, LIST, start);
    return parseList(bytes.subarray(start, end), page, conversation);
  });
  return { ...conversation, lists: parsed };
}

/** The turn in the bytes of a `turnText`. */
export function parseTurn(bytes: Buffer): TurnTexts {
  const start = endOf(bytes, LIST, 0) + 1;
  return parseRow(bytes, start, bytes.length, parseConversation(bytes.subarray(0, start - 1), []));
}

function parseList(bytes: Buffer, page: Page, conversation: ConversationTexts): TurnTextsList {
  const head = endOf(bytes, ROW, 0);
  const rows: TurnTexts[] = [];
  for (let start = head + 1; start <= bytes.length; ) {
    const end = endOf(bytes, ROW, start);
    rows.push(parseRow(bytes, start, end, conversation));
    start = end + 1;
  }
  const beyond = bytes[head - 1] === TRUE;
  return { ...cutSlice(page, rows, beyond), count: Number(bytes.toString("latin1", 0, head - 1)) };
}

function parseRow(bytes: Buffer, start: number, end: number, conversation: ConversationTexts): TurnTexts {
  return { kind: "turn", texts: splitTexts(bytes, start, end, TEXT, TURN_TEXTS.length), conversation };
}

function endOf(bytes: Buffer, mark: number, start: number): number {
  const end = bytes.indexOf(mark, start);
  return end < 0 ? bytes.length : end;
}

function mark(character: number): SQL {
  return sql.raw(`chr(${character})`);
}

function textList(columns: Record<string, SQL>): SQL {
  const texts = Object.entries(columns).map(([name, column]) =>
    QUOTED.has(name) ? sql`coalesce(to_json(${column})::text, '')` : column,
  );
  return sql.join(texts, sql`, `);
}

function ready(expression: SQL): SQL {
  return sql.raw(new PgDialect().sqlToQuery(expression).sql);
}
