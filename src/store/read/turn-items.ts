import { sql } from "drizzle-orm";

import { answerTooLong } from "../../model/errors.ts";
import type { Executor } from "../database/executor.ts";
import { textArray } from "../sql/parameters.ts";
import { isVisible, type Scope } from "../sql/scope.ts";
import { conversations } from "../tables/conversations.ts";
import { items } from "../tables/items.ts";
import { turns } from "../tables/turns.ts";
import type { ByteBudget } from "./byte-budget.ts";
import type { FoundItem } from "./find-items.ts";

interface TurnItemRow extends FoundItem {
  turnId: string;
  bytes: number;
}

/**
 * The stored items of the turns with these ids, by turn; null for a turn that was written otherwise, nothing for one that the
 * scope does not see. One statement for all of them. LIMIT_EXCEEDED for more bytes than `mostBytes`, or than the budget has.
 */
export async function readTurnItems(
  executor: Executor,
  scope: Scope,
  turnIds: readonly string[],
  mostBytes: number,
  budget: ByteBudget,
): Promise<Map<string, FoundItem[] | null>> {
  const { projectId } = scope;
  const rows = await executor.read<
    (TurnItemRow & { total: number }) | { turnId: string; ofItems: boolean; id: null }
  >(sql`
    SELECT t.id AS "turnId", t.of_items AS "ofItems", i.id, i.type, i.position, i.place, i.fragments, i.bytes,
      (sum(i.bytes) OVER ())::float8 AS total, CASE WHEN sum(i.bytes) OVER () <= ${mostBytes} THEN i.item::text END AS json
    FROM ${turns} t
    JOIN ${conversations} c ON c.project_id = ${projectId} AND c.id = t.conversation_id
    LEFT JOIN ${items} i ON t.of_items AND i.project_id = ${projectId} AND i.conversation_id = t.conversation_id
      AND i.position = t.position AND i.fragments IS NOT NULL
    WHERE t.project_id = ${projectId} AND t.id = ANY(${textArray(turnIds)}) AND ${isVisible(scope, "c")}
    ORDER BY t.id, i.place`);
  const found = new Map<string, FoundItem[] | null>();
  for (const row of rows) {
    if (row.id === null) {
      found.set(row.turnId, row.ofItems ? [] : null);
      continue;
    }
    if (row.total > mostBytes) throw answerTooLong(mostBytes);
    budget.take(row.bytes);
    const of = found.get(row.turnId);
    if (of == null) found.set(row.turnId, [row]);
    else of.push(row);
  }
  return found;
}

/** A turn by its place. */
export interface TurnPlace {
  conversationId: string;
  position: number;
}

/** The ids of the turns at these places, in their order; null for one that the scope does not see. One statement. */
export async function findTurnIds(
  executor: Executor,
  scope: Scope,
  places: readonly TurnPlace[],
): Promise<(string | null)[]> {
  const { projectId } = scope;
  const ids = textArray(places.map(({ conversationId }) => conversationId));
  const positions = textArray(places.map(({ position }) => String(position)));
  const rows = await executor.read<TurnPlace & { id: string }>(sql`
    SELECT t.id, t.conversation_id AS "conversationId", t.position
    FROM unnest(${ids}, ${positions}::integer[]) AS wanted (conversation_id, position)
    JOIN ${turns} t ON t.project_id = ${projectId} AND t.conversation_id = wanted.conversation_id
      AND t.position = wanted.position
    JOIN ${conversations} c ON c.project_id = ${projectId} AND c.id = t.conversation_id
    WHERE ${isVisible(scope, "c")}`);
  const found = new Map(rows.map(({ id, ...place }) => [nameOf(place), id]));
  return places.map((place) => found.get(nameOf(place)) ?? null);
}

function nameOf({ conversationId, position }: TurnPlace): string {
  return `${position} ${conversationId}`;
}
