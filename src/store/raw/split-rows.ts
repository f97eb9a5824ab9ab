import type { Slice } from "../../relay/connection.ts";
import type { Page } from "../../relay/page.ts";
import type { ByteRow } from "../database/executor.ts";
import { cutSlice } from "../sql/keyset.ts";
import { Bytes, findControl } from "./bytes.ts";
import {
  type ConversationRead,
  type ConversationTexts,
  MARKS,
  type TurnRead,
  type TurnsRead,
  type TurnTexts,
  type TurnTextsList,
} from "./row-sql.ts";
import { splitTexts } from "./values.ts";

// Cuts up what the expressions of `row-sql.ts` give.

/** How PostgreSQL begins to spell true. */
const TRUE = "t".charCodeAt(0);

/** The conversations in the columns of a `conversationsText` of the same. */
export function parseConversations(
  [beyond, text]: ByteRow,
  page: Page,
  read: ConversationRead,
): Slice<ConversationTexts> {
  const isBeyond = beyond?.[0] === TRUE;
  if (text == null) return cutSlice<ConversationTexts>(page, [], isBeyond);
  const bytes = new Bytes(text);
  const parse = (start: number, end: number) => parseOne(bytes, start, end, read);
  return cutSlice(page, parseRows(bytes, 0, bytes.length, MARKS.conversation, parse), isBeyond);
}

/** The conversation in the bytes of a `conversationText` of the same. */
export function parseConversation(text: Buffer, read: ConversationRead): ConversationTexts {
  const bytes = new Bytes(text);
  return parseOne(bytes, 0, bytes.length, read);
}

/** The turn in the bytes of a `turnText` of the same. */
export function parseTurn(text: Buffer, turn: TurnRead, { columns }: ConversationRead): TurnTexts {
  const bytes = new Bytes(text);
  const end = endOf(bytes, MARKS.list, 0, bytes.length);
  return parseRow(bytes, end + 1, bytes.length, turn, parseOne(bytes, 0, end, { columns, lists: [] }));
}

function parseOne(bytes: Bytes, start: number, end: number, { columns, lists }: ConversationRead): ConversationTexts {
  let at = lists.length === 0 ? end : endOf(bytes, MARKS.list, start, end);
  const texts = splitTexts(bytes, start, at, MARKS.text, columns.length + 1);
  const conversation: ConversationTexts = { kind: "conversation", columns, texts, lists: [] };
  if (lists.length === 0) return conversation;
  const parsed = lists.map((list) => {
    const first = at + 1;
    at = endOf(bytes, MARKS.list, first, end);
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
  const head = findControl(bytes, start, end);
  const rows = parseRows(bytes, head + 1, end, MARKS.turn, (from, to) => parseRow(bytes, from, to, read, conversation));
  const beyond = bytes.buffer[head - 1] === TRUE;
  const count = Number(bytes.buffer.toString("latin1", start, head - 1));
  return { ...cutSlice(read.page, rows, beyond), count, read };
}

function parseRows<Row>(
  bytes: Bytes,
  start: number,
  end: number,
  mark: number,
  parse: (start: number, end: number) => Row,
): Row[] {
  const rows: Row[] = [];
  for (let at = start; at <= end; ) {
    const next = endOf(bytes, mark, at, end);
    rows.push(parse(at, next));
    at = next + 1;
  }
  return rows;
}

function parseRow(
  bytes: Bytes,
  start: number,
  end: number,
  { columns, messages }: TurnRead,
  conversation: ConversationTexts,
): TurnTexts {
  const count = columns.length + (messages ? 2 : 1);
  return { kind: "turn", texts: splitTexts(bytes, start, end, MARKS.text, count), conversation };
}

function endOf(bytes: Bytes, mark: number, start: number, end: number): number {
  const found = bytes.buffer.indexOf(mark, start);
  return found < 0 || found > end ? end : found;
}
