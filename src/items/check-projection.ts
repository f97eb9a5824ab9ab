import type { ConversationRecord, ItemRecord, TurnRecord } from "../model/conversation-record.ts";
import type { Item } from "./item.ts";
import { isCallType, isOutputType } from "./item-fragments.ts";
import { itemsToTurns, type KnownCall } from "./items-to-turns.ts";
import { parseItem } from "./take-items.ts";
import { placeOfDerivedId } from "./turn-to-items.ts";

/** The conversation's turns that were made of items, by what became of them. */
export interface CheckedTurns {
  /** How many were projected again. */
  checked: number;
  /** The positions of those that say something else than their items. */
  different: number[];
}

/**
 * Projects the items of each turn again, and compares what that gives with what the turn says. Passes over turns with items
 * that were made of fragments, which may say more than items can. The cost grows with the conversation.
 */
export function checkProjection({ turns }: Pick<ConversationRecord, "turns">): CheckedTurns {
  const known: KnownCall[] = [];
  const result: CheckedTurns = { checked: 0, different: [] };
  for (const [index, turn] of turns.entries()) {
    const own = (turn.items ?? []).map((record) => ({ ...record, item: parseItem(record.json) }));
    if (turn.ofItems === true && own.every(({ item }) => placeOfDerivedId(item.id) === null)) {
      result.checked += 1;
      if (!saysItsItems(turn, own, known)) result.different.push(index + 1);
    }
    known.push(...own.flatMap(({ item }) => toKnownCall(item, index + 1)));
  }
  return result;
}

function saysItsItems(
  { messages }: TurnRecord,
  own: readonly (ItemRecord & { item: Item })[],
  known: readonly KnownCall[],
): boolean {
  const items = own.filter(({ fragments }) => fragments !== null).map(({ item }) => item);
  const { begun, placed } = itemsToTurns(items, null, known);
  if (begun.length > 1) return false;
  const counts = new Map(own.map(({ item, fragments }) => [item, fragments]));
  let next = 0;
  const said = placed.flatMap(({ item, fragments }) => {
    const given = begun[0]?.messages.slice(next, next + (fragments ?? 0)) ?? [];
    next += fragments ?? 0;
    // What is longer than a turn may be is kept as an item alone.
    return counts.get(item) === 0 ? [] : given;
  });
  return JSON.stringify(said) === JSON.stringify(messages);
}

function toKnownCall({ type, callId, value: { name } }: Item, position: number): KnownCall[] {
  if (callId === null || !(isCallType(type) || isOutputType(type))) return [];
  return [{ position, callId, type, name: typeof name === "string" ? name : null }];
}
