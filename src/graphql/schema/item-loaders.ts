import DataLoader from "dataloader";

import { EMPTY_SLICE, type Slice } from "../../relay/connection.ts";
import type { Key } from "../../relay/ordering.ts";
import type { Page } from "../../relay/page.ts";
import type { ByteBudget } from "../../store/read/byte-budget.ts";
import { type FoundItem, itemsOfTurn } from "../../store/read/find-items.ts";
import { readItems } from "../../store/read/items.ts";
import type { ItemPlace } from "../../store/read/items-statement.ts";
import { findTurnIds, readTurnItems } from "../../store/read/turn-items.ts";
import type { TurnRow } from "../../store/read/turns.ts";
import type { LoaderContext } from "./loader-context.ts";

/** An item with the conversation that it is of. */
export interface ItemRow extends FoundItem {
  conversationId: string;
}

/** Reads of items. */
export interface ItemLoaders {
  /** A page of a conversation's items of the type, or of every type. One statement for each conversation. */
  itemPage(conversationId: string, page: Page, type: string | null): Promise<Slice<ItemRow>>;
  /** The items of a turn. The turns of a request share a statement. */
  turnItems(turn: TurnRow): Promise<ItemRow[]>;
  /** The id of the turn that the item belongs to; null for an item that belongs to none. The items of a request share a statement. */
  turnIdOf(item: ItemRow): Promise<string | null>;
}

/** The loaders of one request, whose answer the budget bounds. */
export function createItemLoaders({ database, scope, ...limits }: LoaderContext, budget: ByteBudget): ItemLoaders {
  const ofTurns = new DataLoader<string, FoundItem[] | null | undefined>(async (ids) => {
    const found = await readTurnItems(database, scope, ids, limits.maxAnswerBytes, budget);
    return ids.map((id) => found.get(id));
  });
  const turnIds = new DataLoader<ItemRow, string | null, string>((rows) => findTurnIds(database, scope, rows), {
    cacheKeyFn: ({ conversationId, position }) => `${position} ${conversationId}`,
  });
  return {
    async itemPage(conversationId, { after, before, limit, backward }, type) {
      const window = { after: after && placeOf(after), before: before && placeOf(before) };
      const page = { ...window, direction: "ASC", limit, backward, type, maxBytes: limits.maxPageBytes } as const;
      const { rows, ...sides } = (await readItems(database, scope, conversationId, page)) ?? EMPTY_SLICE;
      for (const { json } of rows) budget.take(Buffer.byteLength(json));
      return { ...sides, rows: rows.map((item) => ({ ...item, conversationId })) };
    },
    async turnItems(turn) {
      const stored = await ofTurns.load(turn.id);
      const items = stored === null ? itemsOfTurn(turn) : (stored ?? []);
      return items.map((item) => ({ ...item, conversationId: turn.conversationId }));
    },
    turnIdOf: async (item) => (item.fragments === null ? null : turnIds.load(item)),
  };
}

/** The key by which a page of items goes on behind the item. */
export function itemKey({ position, place }: ItemPlace): Key {
  return [position, place];
}

function placeOf([position, place]: Key): ItemPlace {
  return { position: Number(position), place: Number(place) };
}
