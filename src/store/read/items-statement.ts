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
  /** The position up to which the rows are all that there are, where more turns had to be passed over; null for no such. */
  reach: number | null;
  hasBehind: boolean;
}

/**
 * The sources of the items along the way, up to `sources` of them and about `maxBytes`; a row of nulls where there are none, no
 * row for a conversation that the scope does not see. Reads no more of either index than a small multiple of that.
 */
export function itemsStatement(scope: Scope, conversationId: string, travel: Travel, maxBytes: number): SQL {
  const { projectId } = scope;
  const { forward, sources } = travel;
  const { position: _position, ...written } = turnColumns(scope);
  const order = sql.raw(forward ? "ASC" : "DESC");
  const byPlace = sql`position ${order}, place ${order}`;
  const of = (alias: string) =>
    sql`${sql.raw(alias)}.project_id = ${projectId} AND ${sql.raw(alias)}.conversation_id = ${conversationId}`;
  // OFFSET 0: the rows of the page are looked up one by one, whatever the planner believes to be few.
  return sql`
    WITH stored AS MATERIALIZED (${storedItems(travel, of("i"))}),
    near AS MATERIALIZED (${nearTurns(travel, of("t"))}),
    reach AS MATERIALIZED (
      SELECT CASE WHEN count(*) = ${turnsLookedAt(travel)} THEN ${forward ? sql`max(position)` : sql`min(position)`} END AS position FROM near
    ),
    page AS MATERIALIZED (
      SELECT *, count(*) OVER ()::integer AS found, sum(bytes) OVER (ORDER BY ${byPlace}) - bytes AS ahead FROM (
        SELECT position, place, id, bytes, false AS of_turn FROM stored
        UNION ALL SELECT position, 0, id, bytes, true FROM near WHERE NOT of_items${turnLimits(travel)}
        ORDER BY ${byPlace} LIMIT ${sources}
      ) AS merged WHERE position ${sql.raw(forward ? "<=" : ">=")} coalesce((SELECT position FROM reach), position)
    )
    SELECT page.position, page.place, page.id, page.bytes, page.of_turn AS "ofTurn", page.found, reach.position AS reach,
      ${hasBehind(travel, of)} AS "hasBehind", i.type, i.item::text AS json, i.fragments, ${selectList(written)}
    FROM ${conversations} c CROSS JOIN reach LEFT JOIN page ON page.ahead < ${maxBytes}
    LEFT JOIN LATERAL (
      SELECT i.* FROM ${items} i WHERE NOT page.of_turn AND ${of("i")} AND i.position = page.position AND i.place = page.place OFFSET 0
    ) AS i ON true
    LEFT JOIN LATERAL (
      SELECT t.* FROM ${turns} t WHERE page.of_turn AND t.project_id = ${projectId} AND t.id = page.id OFFSET 0
    ) AS t ON true
    WHERE ${isVisible(scope, "c")} AND c.id = ${conversationId} ORDER BY page.position ${order}, page.place ${order}`;
}

/** The most sources of one statement. */
const MOST_SOURCES = 102;

/** How many turns are looked at for those that were written otherwise: more where most may give no item of the type. */
function turnsLookedAt({ type }: Travel): SQL {
  return sql.raw(String(type === null ? 2 * MOST_SOURCES : 20 * MOST_SOURCES));
}

// Bounds in the text and one comparison each: a generic plan, which knows no parameter's value, then takes the few rows from the
// index of the order, and reads no more of it. The other end of the window comes after that.

function storedItems({ forward, from, to, sources, type }: Travel, ofConversation: SQL): SQL {
  const [order, behind, ahead] = (forward ? ["ASC", ">", "<"] : ["DESC", "<", ">"]).map((word) => sql.raw(word));
  const place = (bound: ItemPlace) => sql`(${bound.position}::integer, ${bound.place}::integer)`;
  const begin = from === null ? sql`` : sql` AND (i.position, i.place) ${behind} ${place(from)}`;
  const end = to === null ? sql`` : sql` WHERE (position, place) ${ahead} ${place(to)}`;
  const ofType = type === null ? sql`` : sql` AND i.type = ${type}`;
  return sql`SELECT * FROM (
    SELECT i.position, i.place, i.id, i.bytes FROM ${items} i WHERE ${ofConversation}${begin}${ofType}
    ORDER BY i.position ${order}, i.place ${order} LIMIT ${sql.raw(String(MOST_SOURCES))}
  ) AS bounded${end} LIMIT ${sources}`;
}

/** The turns along the way. The one at a cursor may have items on either side of it. */
function nearTurns({ forward, from, type, ...travel }: Travel, ofConversation: SQL): SQL {
  const order = sql.raw(forward ? "ASC" : "DESC");
  const begin = from === null ? sql`` : sql` AND t.position ${positionBound(from, forward)}`;
  const isMade = type === null || MADE_TYPES.has(type);
  return sql`SELECT t.position, t.id, ${TURN_BYTES} AS bytes, t.of_items, t.called_functions FROM ${turns} t
    WHERE ${ofConversation}${begin}${isMade ? sql`` : sql` AND false`}
    ORDER BY t.position ${order} LIMIT ${turnsLookedAt({ forward, from, type, ...travel })}`;
}

/** The types of the items that are made of turns. */
const MADE_TYPES: ReadonlySet<string> = new Set(["message", "function_call", "function_call_output"]);

/** Further conditions on the turns along the way that items of the page can be made of. */
function turnLimits({ forward, to, type }: Travel): SQL {
  const end = to === null ? sql`` : sql` AND position ${positionBound(to, !forward)}`;
  return type === "function_call" ? sql`${end} AND called_functions IS NOT NULL` : end;
}

/** The comparison that lets through the turns with items behind the place, or else ahead of it. */
function positionBound({ position, place }: ItemPlace, behind: boolean): SQL {
  if (behind) return sql`>= ${place >= FIRST_PLACE - 1 ? position + 1 : position}::integer`;
  return sql`<= ${place > 0 ? position : position - 1}::integer`;
}

/** An expression: whether items or turns stand on the side that the way comes from. Not EXISTS, which forgets the order. */
function hasBehind({ forward, from }: Travel, of: (alias: string) => SQL): SQL {
  if (from === null) return sql`false`;
  const { position, place } = from;
  const [beyond, order] = (forward ? ["<=", "DESC"] : [">=", "ASC"]).map((word) => sql.raw(word));
  return sql`((
    SELECT true FROM ${items} i WHERE ${of("i")} AND (i.position, i.place) ${beyond} (${position}::integer, ${place}::integer)
    ORDER BY i.position ${order}, i.place ${order} LIMIT 1
  ) IS NOT NULL OR (
    SELECT true FROM ${turns} t WHERE ${of("t")} AND t.position ${beyond} ${position}::integer ORDER BY t.position ${order} LIMIT 1
  ) IS NOT NULL)`;
}
