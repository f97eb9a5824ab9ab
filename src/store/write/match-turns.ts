import type { ConversationRecord, TurnRecord } from "../../model/conversation-record.ts";
import type { MessageFragment } from "../../model/message-fragment.ts";
import { itemsText, keepItems } from "./record-items.ts";
import { TurnChain } from "./turn-chain.ts";

/** A known conversation's turns merged with a record's. */
export interface MatchedTurns {
  /** All of them, in their order. */
  turns: TurnRecord[];
  /** Those that are new or changed, with the revisions that follow the conversation's. */
  changed: TurnRecord[];
}

/** Why a record is not stored: with the known turns it would make a conversation that never was. */
export interface Difference {
  /** The place, from 1, of the first turn that says something else. */
  differsFrom: number;
}

/**
 * The known turns with the record's: matched by their ids, where those say which turn is meant, else by what they say. Then
 * the record has to go on where the known turns end.
 */
export function matchTurns(
  known: readonly TurnRecord[],
  record: ConversationRecord,
  revision: number,
): MatchedTurns | Difference {
  const ids = new Set(known.map(({ id }) => id));
  const isById =
    record.turnIds === "global" || (record.turnIds === "local" && record.turns.some(({ id }) => ids.has(id)));
  if (!isById) return matchBySaying(known, record, revision);
  const mixedAt = record.turnIds === "local" ? findMixture(known, record) : -1;
  return mixedAt >= 0 ? { differsFrom: mixedAt + 1 } : matchById(known, record, revision);
}

/** The record's turns in place of the known ones; those at the beginning that are the same stay as they are. */
export function replaceTurns(known: readonly TurnRecord[], record: ConversationRecord, revision: number): MatchedTurns {
  const isSame = (turn: TurnRecord, index: number) => {
    const old = known[index];
    if (old === undefined || !saysTheSame(old, turn)) return false;
    const proposed = keepItems(old, keepKnown(old, turn, record), record);
    if (record.turnIds === "derived") return itemsText(old) === itemsText(proposed);
    return old.id === turn.id && !differs(old, proposed);
  };
  const firstOther = record.turns.findIndex((turn, index) => !isSame(turn, index));
  const sameCount = firstOther < 0 ? record.turns.length : firstOther;
  const changed = record.turns.slice(sameCount).map((turn, index) => ({ ...turn, revision: revision + index + 1 }));
  return { turns: [...known.slice(0, sameCount), ...changed], changed };
}

/**
 * The index of the first known turn that a record changes which lacks others: its ids may be mere numbers, which another
 * conversation's turns have too. -1 when there is none.
 */
function findMixture(known: readonly TurnRecord[], record: ConversationRecord): number {
  const own = new Map(record.turns.map((turn) => [turn.id, turn]));
  if (known.every(({ id }) => own.has(id))) return -1;
  return known.findIndex((old) => {
    const turn = own.get(old.id);
    return turn !== undefined && !saysTheSame(old, turn) && !goesOn(old, turn);
  });
}

/** Known turns gain what differs, in their places; each new turn comes after the one that precedes it in the record. */
function matchById(known: readonly TurnRecord[], record: ConversationRecord, revision: number): MatchedTurns {
  const merged = new TurnChain(known);
  const changed: TurnRecord[] = [];
  const byId = new Map(known.map((turn) => [turn.id, turn]));
  for (const [index, turn] of record.turns.entries()) {
    const old = byId.get(turn.id);
    const proposed = old === undefined ? turn : keepItems(old, keepKnown(old, turn, record), record);
    if (old !== undefined && !differs(old, proposed)) continue;
    const next = { ...proposed, revision: revision + changed.length + 1 };
    changed.push(next);
    if (old === undefined) merged.insertAfter(record.turns[index - 1]?.id ?? null, next);
    else merged.replace(next);
  }
  return { turns: merged.turns(), changed };
}

function matchBySaying(
  known: readonly TurnRecord[],
  record: ConversationRecord,
  revision: number,
): MatchedTurns | Difference {
  const turns: TurnRecord[] = [...known];
  const changed: TurnRecord[] = [];
  for (const [index, turn] of record.turns.entries()) {
    const next = follow(known[index], turn, record, {
      isKnownLast: index === known.length - 1,
      after: turns[index - 1] ?? null,
    });
    const isRecordLast = index === record.turns.length - 1;
    if (next === null) {
      const old = known[index];
      // An earlier state of what is known by now.
      if (isRecordLast && old !== undefined && goesOn(turn, old)) break;
      return { differsFrom: index + 1 };
    }
    if (next === known[index]) continue;
    turns[index] = { ...next, revision: revision + changed.length + 1 };
    changed.push(turns[index]);
  }
  return { turns, changed };
}

/** The turn that the record's makes of the known one in its place; that itself when nothing changes, null when they differ. */
function follow(
  old: TurnRecord | undefined,
  turn: TurnRecord,
  record: ConversationRecord,
  { isKnownLast, after }: { isKnownLast: boolean; after: TurnRecord | null },
): TurnRecord | null {
  // Synthetic timestamps may lie before known ones.
  const notBefore = Math.max(turn.timestamp.getTime(), after?.timestamp.getTime() ?? 0);
  if (old === undefined) return { ...turn, timestamp: new Date(notBefore) };
  const isSame = saysTheSame(old, turn);
  if (!isSame && !(isKnownLast && goesOn(old, turn))) return null;
  const { state, errorDetail } = old.state === "in-progress" ? turn : old;
  const { items: _items, ofItems: _ofItems, ...known } = old;
  const { items, ofItems } = turn;
  const carried = { ...(items !== undefined && { items }), ...(ofItems !== undefined && { ofItems }) };
  const next = keepItems(old, { ...known, ...carried, messages: turn.messages, state, errorDetail }, record);
  return isSame && state === old.state && itemsText(old) === itemsText(next) ? old : next;
}

function saysTheSame(a: TurnRecord, b: TurnRecord): boolean {
  return a.role === b.role && JSON.stringify(a.messages) === JSON.stringify(b.messages);
}

/** Whether the longer turn says what the shorter does and goes on: with more fragments, or more of an unfinished text. */
function goesOn(shorter: TurnRecord, longer: TurnRecord): boolean {
  if (shorter.role !== longer.role || shorter.role === "user" || shorter.messages.length > longer.messages.length)
    return false;
  const last = shorter.messages.length - 1;
  return shorter.messages.every((fragment, index) => {
    const other = longer.messages[index];
    if (JSON.stringify(fragment) === JSON.stringify(other)) return true;
    return index === last && other !== undefined && isUnfinishedTextOf(fragment, other);
  });
}

function isUnfinishedTextOf(fragment: MessageFragment, other: MessageFragment): boolean {
  if (fragment.kind !== "text" || other.kind !== "text" || fragment.state === "done") return false;
  return other.content.startsWith(fragment.content);
}

/** The turn, with the known timestamp where its own is synthetic, and the known metadata where it has none. */
function keepKnown(old: TurnRecord, turn: TurnRecord, { timesMadeUp }: ConversationRecord): TurnRecord {
  const timestamp = timesMadeUp ? old.timestamp : turn.timestamp;
  const metadata = Object.keys(turn.metadata).length === 0 ? old.metadata : turn.metadata;
  return { ...turn, timestamp, metadata };
}

function differs(a: TurnRecord, b: TurnRecord): boolean {
  return content(a) !== content(b);
}

function content(turn: TurnRecord): string {
  const { role, state, timestamp, messages, errorDetail, inReplyToId, metadata } = turn;
  return JSON.stringify([role, state, timestamp, messages, errorDetail, inReplyToId, metadata, itemsText(turn)]);
}
