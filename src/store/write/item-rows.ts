import { sql } from "drizzle-orm";

import type { Item } from "../../items/item.ts";
import type { Executor } from "../database/executor.ts";
import { together } from "../database/together.ts";
import type { Scope } from "../sql/scope.ts";
import { FIRST_PLACE, items } from "../tables/items.ts";

/** An item that is to be stored with the turn at the position. */
export interface ItemToStore {
  item: Item;
  position: number;
  /** How many of the turn's fragments are the item's; null for one that belongs to no turn. */
  fragments: number | null;
}

const PORTION_BYTES = 1_048_576;

/** A function that gives each row the number of the statement that it is written by, with about a megabyte of others. */
export function portionOf<Row>(bytesOf: (row: Row) => number): (row: Row) => number {
  let bytes = 0;
  return (row) => {
    const portion = Math.floor(bytes / PORTION_BYTES);
    bytes += bytesOf(row);
    return portion;
  };
}

/**
 * Stores the items, in order; at a position they come behind the place that `lastPlaces` has for it, and else first. One
 * statement for each megabyte, none without items.
 */
export async function insertItems(
  writer: Executor,
  { projectId }: Scope,
  conversationId: string,
  rows: readonly ItemToStore[],
  lastPlaces: ReadonlyMap<number, number> = new Map(),
): Promise<void> {
  const places = new Map(lastPlaces);
  const placed = rows.map((row) => {
    const place = (places.get(row.position) ?? FIRST_PLACE - 1) + 1;
    places.set(row.position, place);
    return { ...row, place };
  });
  const portions = Map.groupBy(
    placed,
    portionOf(({ item }) => item.json.length),
  );
  await together([...portions.values()].map((portion) => insertPortion(writer, projectId, conversationId, portion)));
}

async function insertPortion(
  writer: Executor,
  projectId: string,
  conversationId: string,
  portion: readonly (ItemToStore & { place: number })[],
): Promise<void> {
  const values = portion.map(({ item: { id, type, callId, json }, position, place, fragments }) => {
    return sql`(${projectId}, ${conversationId}, ${position}::integer, ${place}::integer, ${id}, ${type}, ${callId},
      ${fragments}::integer, ${Buffer.byteLength(json)}::integer, ${json}::json)`;
  });
  await writer.rows(sql`
    INSERT INTO ${items} (project_id, conversation_id, position, place, id, type, call_id, fragments, bytes, item)
    VALUES ${sql.join(values, sql`, `)}`);
}

/** Makes room for so many items ahead of those at the position. One statement. */
export async function makeRoom(
  writer: Executor,
  { projectId }: Scope,
  conversationId: string,
  position: number,
  count: number,
): Promise<void> {
  const at = sql`project_id = ${projectId} AND conversation_id = ${conversationId} AND position = ${position}`;
  // Behind all places that are taken: a place that one row leaves and another takes would be taken twice for a moment.
  await writer.rows(sql`
    UPDATE ${items} SET place = place + ${count} + (SELECT max(place) - ${FIRST_PLACE - 1} FROM ${items} WHERE ${at})
    WHERE ${at}`);
}

/** Deletes the items of the turn at the position; what stood with it stays, behind the turn before. Two statements. */
export async function removeItems(
  writer: Executor,
  scope: Scope,
  conversationId: string,
  position: number,
): Promise<void> {
  await writer.rows(sql`
    DELETE FROM ${items} WHERE project_id = ${scope.projectId} AND conversation_id = ${conversationId}
      AND position = ${position} AND fragments IS NOT NULL`);
  await moveBack(writer, scope, conversationId, position);
}

/** Moves the items at the position, which belong to no turn, behind those of the position before it. One statement. */
export async function moveBack(
  writer: Executor,
  { projectId }: Scope,
  conversationId: string,
  position: number,
): Promise<void> {
  const at = (place: number) =>
    sql`project_id = ${projectId} AND conversation_id = ${conversationId} AND position = ${place}`;
  await writer.rows(sql`
    UPDATE ${items} SET position = ${position - 1},
      place = place + coalesce((SELECT max(place) - ${FIRST_PLACE - 1} FROM ${items} WHERE ${at(position - 1)}), 0)
    WHERE ${at(position)}`);
}
