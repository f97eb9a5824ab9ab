import { sql } from "drizzle-orm";

import { parseItem } from "../../items/take-items.ts";
import {
  type ConversationRecord,
  carriesItems,
  type ItemRecord,
  type TurnRecord,
} from "../../model/conversation-record.ts";
import type { Executor } from "../database/executor.ts";
import { FIRST_PLACE, items } from "../tables/items.ts";
import { insertItems } from "./item-rows.ts";

type WithItems = Pick<ConversationRecord, "id" | "turns" | "items">;

// Each item is ten parameters of a statement, of which PostgreSQL takes 65,535.
const ITEMS_AT_A_TIME = 1000;

/** Stores the items of the conversations, which have none yet. A statement for each thousand; none without items. */
export async function writeRecordItems(
  writer: Executor,
  projectId: string,
  records: readonly WithItems[],
): Promise<void> {
  for (const record of records) {
    const rows = [...placed(record)];
    const lastPlaces = new Map<number, number>();
    for (let at = 0; at < rows.length; at += ITEMS_AT_A_TIME) {
      const some = rows.slice(at, at + ITEMS_AT_A_TIME);
      await insertItems(writer, { projectId, isolationKey: null }, record.id, some, lastPlaces);
      for (const { position } of some) lastPlaces.set(position, (lastPlaces.get(position) ?? FIRST_PLACE - 1) + 1);
    }
  }
}

function* placed({ items: ahead = [], turns }: WithItems) {
  for (const [position, own] of [ahead, ...turns.map((turn) => turn.items ?? [])].entries()) {
    for (const { json, fragments } of own) yield { item: parseItem(json), position, fragments };
  }
}

/** The items of a known conversation: those ahead of the first turn, and its turns with theirs. One statement. */
export async function readRecordItems(
  executor: Executor,
  projectId: string,
  conversationId: string,
  turns: readonly (TurnRecord & { ofItems?: boolean })[],
): Promise<WithItems> {
  const rows = await executor.rows<ItemRecord & { position: number }>(sql`
    SELECT i.position, i.item::text AS json, i.fragments FROM ${items} i
    WHERE i.project_id = ${projectId} AND i.conversation_id = ${conversationId} ORDER BY i.position, i.place`);
  const byPosition = Map.groupBy(rows, ({ position }) => position);
  const itemsAt = (position: number) => {
    const own = byPosition.get(position)?.map(({ json, fragments }) => ({ json, fragments }));
    return own === undefined ? {} : { items: own };
  };
  return { id: conversationId, ...itemsAt(0), turns: turns.map((turn, index) => ({ ...turn, ...itemsAt(index + 1) })) };
}

/** Puts the record's items in the place of all that the conversation has. */
export async function replaceRecordItems(writer: Executor, projectId: string, record: WithItems): Promise<void> {
  await writer.rows(sql`DELETE FROM ${items} WHERE project_id = ${projectId} AND conversation_id = ${record.id}`);
  await writeRecordItems(writer, projectId, [record]);
}

/**
 * The record's turn with the items of the known one, where the record says nothing of items: a turn that says the same was
 * made of them still, and any other was written otherwise. What stands beside a turn stays there.
 */
export function keepItems(old: TurnRecord, turn: TurnRecord, record: WithItems): TurnRecord {
  if (carriesItems(record)) return turn;
  const isSame = JSON.stringify(old.messages) === JSON.stringify(turn.messages);
  const kept = isSame ? old.items : old.items?.filter(({ fragments }) => fragments === null);
  return {
    ...turn,
    ...(isSame && old.ofItems === true && { ofItems: true }),
    ...(kept !== undefined && { items: kept }),
  };
}

/** What a conversation has of items, as one text. */
export function allItemsText({ items: ahead = [], turns }: WithItems): string {
  return [ahead, ...turns.map((turn) => turn.items ?? [])]
    .map((own) => JSON.stringify(own.map(({ json, fragments }) => [json, fragments])))
    .join();
}

/** What a turn says of its items, as one text. */
export function itemsText({ ofItems = false, items: own = [] }: TurnRecord): string {
  return JSON.stringify([ofItems, own.map(({ json, fragments }) => [json, fragments])]);
}
