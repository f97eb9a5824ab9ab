import { type SQL, sql } from "drizzle-orm";

import { isVisible, type Scope } from "../sql/scope.ts";
import { selectList } from "../sql/select-list.ts";
import { TURN_BYTES } from "../sql/turn-bytes.ts";
import { conversations } from "../tables/conversations.ts";
import { FIRST_PLACE, items } from "../tables/items.ts";
import { turns } from "../tables/turns.ts";
import type { FoundItem } from "./find-items.ts";
import { type TurnRow, turnColumns } from "./turns.ts";

/** Where an item stands in its conversation. */
export interface ItemPlace {
  position: number;
  place: number;
}

/** A way along a conversation's items. */
export interface Travel {
  /** Whether it goes from the oldest to the newest. */
  forward: boolean;
  /** Where it begins and ends, both excluded; null for the end of the conversation. */
  from: ItemPlace | null;
  to: ItemPlace | null;
  /** How many stored items, and turns that were written otherwise, are read. */
  sources: number;
  /** The type of the items that are wanted; null for every type. */
  type: string | null;
}

/** A stored item, or a turn that was written otherwise: what an item's row has not is null. */
export interface SourceRow extends Omit<FoundItem, "turn">, Omit<TurnRow, "id" | "kind" | "position"> {
  ofTurn: boolean;
  bytes: number;
  /** How many rows there are, those that the bytes left no room for among them. */
  found: number;
  hasBehind: boolean;
}

/**
 * The sources of the items along the way, up to `sources` of them and about `maxBytes`; a row of nulls where there are none, no
 * row for a conversation that the scope does not see. Reads no more of either index than that: turns are looked for only as far
 * as the items of the page reach.
 */
export function itemsStatement(scope: Scope, conversationId: string, travel: Travel, maxBytes: number): SQL {
  const { projectId } = scope;
  const { forward, sources } = travel;
  const { position: _position, ...written } = turnColumns(scope);
  const order = sql.raw(forward ? "ASC" : "DESC");
  const byPlace = sql`position ${order}, place ${order}`;
  const of = (alias: string) =>
    sql`${sql.raw(alias)}.project_id = ${projectId} AND ${sql.raw(alias)}.conversation_id = ${conversationId}`;
  return sql`
    WITH stored AS MATERIALIZED (
      ${bounded(
        sql`SELECT i.position, i.place, i.id, i.bytes, false AS of_turn FROM ${items} i
        WHERE ${of("i")}${itemBounds(travel)} ORDER BY i.position ${order}, i.place ${order}`,
        sources,
      )}
    ), written AS MATERIALIZED (
      ${bounded(
        sql`SELECT t.position, 0 AS place, t.id, ${TURN_BYTES} AS bytes, true AS of_turn FROM ${turns} t
        WHERE ${of("t")} AND NOT t.of_items${turnBounds(travel)}${ofType(travel)} ORDER BY t.position ${order}`,
        sources,
      )}
    ), page AS MATERIALIZED (
      SELECT *, count(*) OVER ()::integer AS found, sum(bytes) OVER (ORDER BY ${byPlace}) - bytes AS ahead FROM (
        SELECT * FROM stored UNION ALL SELECT * FROM written ORDER BY ${byPlace} LIMIT ${sources}
      ) AS merged
    )
    SELECT page.position, page.place, page.id, page.bytes, page.of_turn AS "ofTurn", page.found, ${hasBehind(travel, of)} AS "hasBehind",
      i.type, i.item::text AS json, i.fragments, ${selectList(written)}
    FROM ${conversations} c LEFT JOIN page ON page.ahead < ${maxBytes}
    LEFT JOIN ${items} i ON NOT page.of_turn AND ${of("i")} AND i.position = page.position AND i.place = page.place
    LEFT JOIN ${turns} t ON page.of_turn AND t.project_id = ${projectId} AND t.id = page.id
    WHERE ${isVisible(scope, "c")} AND c.id = ${conversationId} ORDER BY page.position ${order}, page.place ${order}`;
}

// In the text: a generic plan, which knows no parameter's value, then takes the few rows from the index of the order.
function bounded(rows: SQL, limit: number): SQL {
  return sql`SELECT * FROM (${rows} LIMIT ${sql.raw(String(MOST_SOURCES))}) AS bounded LIMIT ${limit}`;
}

/** The most sources of one statement. */
const MOST_SOURCES = 102;

function itemBounds({ forward, from, to, type }: Travel): SQL {
  const [lower, upper] = forward ? [from, to] : [to, from];
  return sql.join(
    [
      lower && sql` AND (i.position, i.place) > (${lower.position}::integer, ${lower.place}::integer)`,
      upper && sql` AND (i.position, i.place) < (${upper.position}::integer, ${upper.place}::integer)`,
      type === null ? null : sql` AND i.type = ${type}`,
    ].filter((condition) => condition !== null),
  );
}

/** Bounds of turns: the one at a cursor may have items on either side of it. */
function turnBounds({ forward, from, to, sources }: Travel): SQL {
  const [lower, upper] = forward ? [from, to] : [to, from];
  const isFull = sql`count(*) = ${sources}`;
  return sql.join(
    [
      lower && sql` AND t.position >= ${lower.place >= FIRST_PLACE - 1 ? lower.position + 1 : lower.position}::integer`,
      upper && sql` AND t.position <= ${upper.place > 0 ? upper.position : upper.position - 1}::integer`,
      forward
        ? sql` AND t.position <= (SELECT CASE WHEN ${isFull} THEN max(position) ELSE ${LAST_POSITION} END FROM stored)`
        : sql` AND t.position >= (SELECT CASE WHEN ${isFull} THEN min(position) ELSE 0 END FROM stored)`,
    ].filter((condition) => condition !== null),
  );
}

const LAST_POSITION = sql.raw(String(2 ** 31 - 1));

/** The condition on turns that items of the type can be made of. */
function ofType({ type }: Travel): SQL {
  if (type === null || type === "message" || type === "function_call_output") return sql``;
  return type === "function_call" ? sql` AND t.called_functions IS NOT NULL` : sql` AND false`;
}

/** An expression: whether items stand on the side that the way comes from. */
function hasBehind({ forward, from }: Travel, of: (alias: string) => SQL): SQL {
  if (from === null) return sql`false`;
  const { position, place } = from;
  const beyond = sql.raw(forward ? "<=" : ">=");
  return sql`(EXISTS (SELECT 1 FROM ${items} i WHERE ${of("i")} AND (i.position, i.place) ${beyond} (${position}::integer, ${place}::integer))
    OR EXISTS (SELECT 1 FROM ${turns} t WHERE ${of("t")} AND NOT t.of_items AND t.position ${beyond} ${position}::integer))`;
}
