import { setImmediate as afterThisTick } from "node:timers/promises";

import { sql } from "drizzle-orm";

import type { Database } from "../database/client.ts";
import { type Caller, createRequester } from "../database/requester.ts";
import { TURN_COLUMNS, type TurnRow } from "../read/turns.ts";
import { isVisible, type Scope } from "../sql/scope.ts";
import { selectList } from "../sql/select-list.ts";
import { TURN_BYTES } from "../sql/turn-bytes.ts";
import { conversationHeads } from "../tables/conversations.ts";
import { turns } from "../tables/turns.ts";

// The most turns of one read, and the most bytes of them; one turn comes whatever its size.
const TURNS_PER_READ = 50;
const BYTES_PER_READ = 1_048_576;

/** What changed in a conversation, in order of revision. Shared among readers: never changed. */
interface ChangedTurns {
  turns: readonly TurnRow[];
  /** Whether changes may remain that did not fit into one read. */
  hasMore: boolean;
}

/** A reader of changes: its scope, and the caller that its statements count for. */
export interface ChangesReader {
  scope: Scope;
  caller: Caller;
}

/**
 * The first turns of a conversation that changed after the revision, in order of revision. Null when the scope sees no
 * such conversation, and when the conversation has not reached the revision: a standby without the last commits took
 * over.
 */
export type ReadChanges = (
  reader: ChangesReader,
  conversationId: string,
  afterRevision: number,
) => Promise<ChangedTurns | null>;

/**
 * Reads of changes. Requests for the same changes in one turn of the event loop share one statement, as when a thousand
 * watchers are woken together. The statement is sent after the last of them: one that is already running may not see
 * what woke the next watcher.
 */
export function createReadChanges(database: Database): ReadChanges {
  const unsent = new Map<string, Promise<ChangedTurns | null>>();
  return (reader, conversationId, afterRevision) => {
    const asked = JSON.stringify([reader.scope, reader.caller, conversationId, afterRevision]);
    const shared = unsent.get(asked);
    if (shared !== undefined) return shared;
    const read = afterThisTick().then(() => {
      unsent.delete(asked);
      return readChanges(database, reader, conversationId, afterRevision);
    });
    unsent.set(asked, read);
    return read;
  };
}

async function readChanges(
  database: Database,
  { scope, caller }: ChangesReader,
  conversationId: string,
  afterRevision: number,
): Promise<ChangedTurns | null> {
  type Row = TurnRow & { found: number };
  const statement = sql`
    SELECT changed.* FROM ${conversationHeads} h LEFT JOIN LATERAL (
      SELECT 'turn' AS kind, t.id, ${selectList(TURN_COLUMNS)}, t.found FROM (
        SELECT t.*, count(*) OVER ()::integer AS found, min(t.revision) OVER () AS first,
          sum(${TURN_BYTES}) OVER (ORDER BY t.revision) AS running
        FROM (
          SELECT t.* FROM ${turns} t
          WHERE t.project_id = h.project_id AND t.conversation_id = h.conversation_id AND t.revision > ${afterRevision}
          ORDER BY t.revision LIMIT ${TURNS_PER_READ}
        ) AS t
      ) AS t WHERE t.running <= ${BYTES_PER_READ} OR t.revision = t.first ORDER BY t.revision
    ) AS changed ON true
    WHERE ${isVisible(scope, "h")} AND h.conversation_id = ${conversationId} AND h.revision >= ${afterRevision}`;
  const rows = await database.read<Row | { id: null }>(statement, createRequester(caller));
  if (rows.length === 0) return null;
  const changed = rows.filter((row): row is Row => row.id !== null);
  const found = changed[0]?.found ?? 0;
  return { turns: changed, hasMore: found === TURNS_PER_READ || changed.length < found };
}
