import { setImmediate as afterThisTick } from "node:timers/promises";

import { sql } from "drizzle-orm";

import type { Database } from "../database/client.ts";
import { TURN_COLUMNS, type TurnRow } from "../read/turns.ts";
import { isVisible, type Scope } from "../sql/scope.ts";
import { selectList } from "../sql/select-list.ts";
import { conversationHeads } from "../tables/conversations.ts";
import { turns } from "../tables/turns.ts";

/** The most turns that one read gives. */
export const TURNS_PER_READ = 50;

/**
 * The first turns of a conversation that changed after the revision, in its order; null when the scope does not see such a
 * conversation. The rows may be shared: not to be changed.
 */
export type ReadChanges = (
  scope: Scope,
  conversationId: string,
  afterRevision: number,
) => Promise<readonly TurnRow[] | null>;

/**
 * Reads of what changed. All who ask for the same in one turn of the event loop, as a thousand watchers do who are woken
 * together, share one statement. It is sent after the last of them asked: one that is on its way already might not see
 * what the next was woken for.
 */
export function createReadChanges(database: Database): ReadChanges {
  const unsent = new Map<string, Promise<readonly TurnRow[] | null>>();
  return (scope, conversationId, afterRevision) => {
    const asked = JSON.stringify([scope, conversationId, afterRevision]);
    const shared = unsent.get(asked);
    if (shared !== undefined) return shared;
    const read = afterThisTick().then(() => {
      unsent.delete(asked);
      return readChanges(database, scope, conversationId, afterRevision);
    });
    unsent.set(asked, read);
    return read;
  };
}

async function readChanges(
  database: Database,
  scope: Scope,
  conversationId: string,
  afterRevision: number,
): Promise<TurnRow[] | null> {
  const rows = await database.read<TurnRow | { id: null }>(sql`
    SELECT changed.* FROM ${conversationHeads} h LEFT JOIN LATERAL (
      SELECT 'turn' AS kind, t.id, ${selectList(TURN_COLUMNS)} FROM ${turns} t
      WHERE t.project_id = h.project_id AND t.conversation_id = h.conversation_id AND t.revision > ${afterRevision}
      ORDER BY t.revision LIMIT ${TURNS_PER_READ}
    ) AS changed ON true
    WHERE ${isVisible(scope, "h")} AND h.conversation_id = ${conversationId}`);
  return rows.length === 0 ? null : rows.filter((row): row is TurnRow => row.id !== null);
}
