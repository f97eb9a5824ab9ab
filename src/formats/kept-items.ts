import { type Item, itemPrefix } from "../items/item.ts";
import { itemsToTurns, type PlacedItem } from "../items/items-to-turns.ts";
import { contentText } from "../items/part-text.ts";
import { importItem } from "../items/take-items.ts";
import type { ItemRecord } from "../model/conversation-record.ts";
import type { Fields } from "./fields.ts";
import { SPEAKERS } from "./foundry-items.ts";
import { derivedItemId } from "./synthetic.ts";
import type { Trajectory } from "./trajectory.ts";

/**
 * The turns of a conversation's items by the rule of the Conversations API, with the items themselves: nothing of them is
 * left out. A turn has the id of its first item that says something. Throws RecordError for what is no item.
 */
export function keepItems(list: readonly Fields[], conversationId: string): Trajectory {
  const items = readAll(list, conversationId);
  const { begun, placed } = itemsToTurns(items, null);
  const itemsOf = Map.groupBy(placed, ({ turn }) => turn);
  const ahead = itemsOf.get(0);
  const instructions = placed.flatMap(({ item, fragments }) =>
    fragments === null ? (contentText(item.value.content) ?? []) : [],
  );
  return {
    instructions,
    ...(ahead !== undefined && { items: ahead.map(toRecord) }),
    turns: begun.map(({ role, state, messages }, index) => {
      const own = itemsOf.get(index + 1) ?? [];
      const id = nameOf(own, list, items);
      return { id, role, state, timestamp: null, messages: [...messages], ofItems: true, items: own.map(toRecord) };
    }),
  };
}

function readAll(list: readonly Fields[], conversationId: string): Item[] {
  const taken = new Set<string>();
  return list.map((fields, index) => {
    const type = fields.optionalText("type") ?? "message";
    if (type === "message") fields.keyOf("role", SPEAKERS);
    const otherId = derivedItemId(itemPrefix(type), conversationId, index + 1);
    const item = importItem(fields.whole(), otherId, (id) => taken.has(id));
    taken.add(item.id);
    return item;
  });
}

/** The id that the service gave the turn's first item that says something, or else its first; null where it gave none. */
function nameOf(own: readonly PlacedItem[], list: readonly Fields[], items: readonly Item[]): string | null {
  const first = own.find(({ fragments }) => (fragments ?? 0) > 0) ?? own[0];
  const fields = first === undefined ? undefined : list[items.indexOf(first.item)];
  return fields?.optionalExactText("id") ?? null;
}

function toRecord({ item: { json }, fragments }: PlacedItem): ItemRecord {
  return { json, fragments };
}
