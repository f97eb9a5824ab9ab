import type { Slice } from "../../relay/connection.ts";
import type { Page } from "../../relay/page.ts";
import type { ByteRow } from "../database/executor.ts";
import { cutSlice } from "../sql/keyset.ts";
import { findControl, readInteger } from "./bytes.ts";
import type {
  ConversationRead,
  ListedTurn,
  RawConversation,
  RawTurn,
  RawTurnList,
  TurnRead,
  TurnsRead,
} from "./row-sql.ts";
import { MARKS } from "./row-text.ts";
import { type RawValues, splitValues } from "./values.ts";

// Splits what the expressions of `row-sql.ts` give.

/** The first letter of PostgreSQL's true. */
const TRUE = "t".charCodeAt(0);

/** The conversations in the columns of a `conversationPageSql` of the same. */
export function splitConversations(
  [behind, text]: ByteRow,
  page: Page,
  read: ConversationRead,
): Slice<RawConversation> {
  const hasBehind = behind?.[0] === TRUE;
  if (text == null) return cutSlice<RawConversation>(page, [], hasBehind);
  const parse = (start: number, end: number) => parseOne(text, start, end, read);
  return cutSlice(page, parseRows(text, 0, text.length, MARKS.conversation, parse), hasBehind);
}

/** The conversation in the bytes of a `conversationRowSql` of the same. */
export function splitConversation(text: Buffer, read: ConversationRead): RawConversation {
  return parseOne(text, 0, text.length, read);
}

/** The turn in the bytes of a `turnNodeSql` of the same. */
export function splitTurn(text: Buffer, turn: TurnRead, read: ConversationRead): RawTurn {
  const end = endOf(text, MARKS.list, 0, text.length);
  return parseRow(text, end + 1, text.length, turn, parseOne(text, 0, end, { ...read, lists: [] }));
}

function parseOne(bytes: Buffer, start: number, end: number, read: ConversationRead): RawConversation {
  const { columns, previews, lists } = read;
  let at = lists.length === 0 ? end : endOf(bytes, MARKS.list, start, end);
  const texts = splitValues(bytes, start, at, MARKS.text, columns.length + 1);
  const conversation: RawConversation = { kind: "conversation", columns, texts, previews, lists: [] };
  if (lists.length === 0) return conversation;
  const parsed = lists.map((list) => {
    const first = at + 1;
    at = endOf(bytes, MARKS.list, first, end);
    return parseList(bytes, first, at, list, conversation);
  });
  return { ...conversation, lists: parsed };
}

function parseList(
  bytes: Buffer,
  start: number,
  end: number,
  read: TurnsRead,
  conversation: RawConversation,
): RawTurnList {
  const head = findControl(bytes, start, end);
  const rows = parseRows(bytes, head + 1, end, MARKS.turn, (from, to) =>
    parseListed(bytes, from, to, read, conversation),
  );
  const hasBehind = bytes[head - 1] === TRUE;
  const count = Number(bytes.toString("latin1", start, head - 1));
  return { ...cutSlice(read.page, rows, hasBehind), count, read };
}

function parseRows<Row>(
  bytes: Buffer,
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

/** The texts of the turn in the bytes of a `turnRowText` of the same. */
export function parseTurnRow(text: Buffer, read: TurnRead): RawValues {
  return splitValues(text, 0, text.length, MARKS.text, countTexts(read));
}

function parseListed(
  bytes: Buffer,
  start: number,
  end: number,
  read: TurnsRead,
  conversation: RawConversation,
): ListedTurn {
  const mark = findControl(bytes, start, end);
  const size = readInteger(bytes, start, mark);
  const isLong = size < 0;
  const texts = splitValues(bytes, mark + 1, end, MARKS.text, isLong ? 1 : countTexts(read));
  return { kind: "turn", texts, conversation, bytes: Math.abs(size), isLong };
}

function parseRow(bytes: Buffer, start: number, end: number, read: TurnRead, conversation: RawConversation): RawTurn {
  return { kind: "turn", texts: splitValues(bytes, start, end, MARKS.text, countTexts(read)), conversation };
}

function countTexts({ columns, messages }: TurnRead): number {
  return columns.length + (messages ? 2 : 1);
}

function endOf(bytes: Buffer, mark: number, start: number, end: number): number {
  const found = bytes.indexOf(mark, start);
  return found < 0 || found > end ? end : found;
}
