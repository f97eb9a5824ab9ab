import { setImmediate as afterThisTick } from "node:timers/promises";

import { getTableColumns, type SQL, sql } from "drizzle-orm";

import type { Database } from "../database/client.ts";
import { type Caller, createRequester } from "../database/requester.ts";
import { fromJsonText } from "../read/open-text.ts";
import { type TurnRead, turnColumns } from "../read/turns.ts";
import { isVisible, type Scope } from "../sql/scope.ts";
import { selectList } from "../sql/select-list.ts";
import { TURN_BYTES } from "../sql/turn-bytes.ts";
import { conversationHeads } from "../tables/conversations.ts";
import { deletedTurns } from "../tables/deleted-turns.ts";
import { turnChunks } from "../tables/turn-chunks.ts";
import { turns } from "../tables/turns.ts";

// The most turns of one read, and the most bytes of them; one turn comes whatever its size.
const TURNS_PER_READ = 50;
const BYTES_PER_READ = 1_048_576;

/** Text that was added to a fragment. */
export interface TextDelta {
  text: string;
  /** Where the text begins in the fragment's content, in UTF-16 code units. */
  offset: number;
  /** The index of the fragment in the turn. */
  fragment: number;
}

/** A turn that was appended, changed or deleted. */
export interface ChangedTurn {
  /** In its last state; its messages are not read where they are not wanted. */
  turn: TurnRead;
  /** What was added since the last read, where that is text at the end of one fragment and nothing else; else null. */
  appended: TextDelta | null;
  isDeleted: boolean;
  /** How far a reader has come with this change. */
  seen: Seen;
}

/** What changed in a conversation, in order of revision. Shared among readers: never changed. */
interface ChangedTurns {
  changes: readonly ChangedTurn[];
  /** Whether changes may remain that did not fit into one read. */
  hasMore: boolean;
}

/** A reader of changes: its scope, the caller that its statements count for, and whether it wants the turns' messages. */
export interface ChangesReader {
  scope: Scope;
  caller: Caller;
  withMessages: boolean;
}

/** How far a reader has come. */
export interface Seen {
  revision: number;
  /**
   * Whether the reader has every change up to that revision. One that was cut off between two turns has the later one's alone:
   * of a turn that changed before and after it, text may be missing.
   */
  all: boolean;
}

/**
 * The first turns of a conversation that changed after the revision, in order of revision. Null when the scope sees no
 * such conversation, and when the conversation has not reached the revision: a standby without the last commits took
 * over.
 */
export type ReadChanges = (reader: ChangesReader, conversationId: string, seen: Seen) => Promise<ChangedTurns | null>;

/**
 * Reads of changes. Requests for the same changes in one turn of the event loop share one statement, as when a thousand
 * watchers are woken together. The statement is sent after the last of them: one that is already running may not see
 * what woke the next watcher.
 */
export function createReadChanges(database: Database): ReadChanges {
  const unsent = new Map<string, Promise<ChangedTurns | null>>();
  return ({ scope, caller, withMessages }, conversationId, seen) => {
    const asked = JSON.stringify([scope, caller, withMessages, conversationId, seen]);
    const shared = unsent.get(asked);
    if (shared !== undefined) return shared;
    const read = afterThisTick().then(() => {
      unsent.delete(asked);
      return readChanges(database, { scope, caller, withMessages }, conversationId, seen);
    });
    unsent.set(asked, read);
    return read;
  };
}

/** What the chunks after the last read hold of a turn; null for a turn without any. */
interface AddedText {
  /** The turn's revision before the first of them. */
  since: number | null;
  firstFragment: number;
  lastFragment: number;
  /** How long the last fragment is now. */
  length: number;
  jsonText: string;
}

type Row = TurnRead & AddedText & { found: number; isDeleted: boolean };

async function readChanges(
  database: Database,
  reader: ChangesReader,
  conversationId: string,
  seen: Seen,
): Promise<ChangedTurns | null> {
  const statement = changesStatement(reader, conversationId, seen.revision);
  const rows = await database.read<Row | { id: null }>(statement, createRequester(reader.caller));
  if (rows.length === 0) return null;
  const changed = rows.filter((row): row is Row => row.id !== null);
  const found = changed[0]?.found ?? 0;
  const hasMore = found === TURNS_PER_READ || changed.length < found;
  return {
    changes: changed.map((row, index) => ({
      turn: row,
      appended: toDelta(row, seen),
      isDeleted: row.isDeleted,
      seen: { revision: row.revision, all: !hasMore && index === changed.length - 1 },
    })),
    hasMore,
  };
}

// What every branch of the statement reads. A deleted turn has no chunks.
const READ = Object.values(getTableColumns(deletedTurns)).filter(({ name }) => name !== "deleted_at");
const columnsRead = (alias: string) => sql.raw(READ.map(({ name }) => `${alias}.${name}`).join(", "));

function changesStatement({ scope, withMessages }: ChangesReader, conversationId: string, after: number): SQL {
  const { projectId } = scope;
  const ofConversation = sql`t.project_id = ${projectId} AND t.conversation_id = ${conversationId}`;
  const chunks = sql`FROM ${turnChunks} k WHERE k.project_id = ${projectId} AND k.turn_id = t.id AND k.revision > ${after}`;
  const columns = {
    ...turnColumns(scope),
    revision: { sql: sql`t.current` },
    ...(!withMessages && { messages: { sql: sql`NULL::json` } }),
  };
  return sql`
    SELECT changed.* FROM ${conversationHeads} h LEFT JOIN LATERAL (
      SELECT 'turn' AS kind, t.id, ${selectList(columns)}, t.found, t."isDeleted", added.*
      FROM (
        SELECT t.*, count(*) OVER ()::integer AS found, min(t.current) OVER () AS first,
          sum(${TURN_BYTES}) OVER (ORDER BY t.current) AS running
        FROM (
          (SELECT ${columnsRead("t")}, t.chunks_after, t.items_after, false AS "isDeleted", t.revision AS current FROM ${turns} t
            WHERE ${ofConversation} AND t.revision > ${after} AND t.chunks_after IS NULL AND t.items_after IS NULL
            ORDER BY t.revision LIMIT ${TURNS_PER_READ})
          UNION ALL
          (SELECT ${columnsRead("t")}, t.chunks_after, NULL, false, last.revision FROM ${turns} t CROSS JOIN LATERAL (
              SELECT max(k.revision) AS revision FROM ${turnChunks} k WHERE k.project_id = ${projectId} AND k.turn_id = t.id
            ) AS last
            WHERE ${ofConversation} AND t.state = 'in-progress' AND t.chunks_after IS NOT NULL AND last.revision > ${after})
          UNION ALL
          (SELECT ${columnsRead("t")}, NULL, t.items_after, false, last.revision FROM (
              SELECT k.turn_id, max(k.revision) AS revision FROM ${turnChunks} k
              WHERE k.project_id = ${projectId} AND k.conversation_id = ${conversationId} AND k.revision > ${after} GROUP BY k.turn_id
            ) AS last JOIN ${turns} t ON t.project_id = ${projectId} AND t.id = last.turn_id)
          UNION ALL
          (SELECT ${columnsRead("d")}, NULL, NULL, true, d.revision FROM ${deletedTurns} d
            WHERE d.project_id = ${projectId} AND d.conversation_id = ${conversationId} AND d.revision > ${after}
            ORDER BY d.revision LIMIT ${TURNS_PER_READ})
          ORDER BY current LIMIT ${TURNS_PER_READ}
        ) AS t
      ) AS t
      LEFT JOIN LATERAL (
        SELECT min(k.previous_revision) AS since, min(k.fragment) AS "firstFragment", max(k.fragment) AS "lastFragment",
          max(k.length) AS length, string_agg(k.json_text, '' ORDER BY k.revision) AS "jsonText" ${chunks}
      ) AS added ON t.chunks_after IS NOT NULL
      WHERE t.running <= ${BYTES_PER_READ} OR t.current = t.first ORDER BY t.current
    ) AS changed ON true
    WHERE ${isVisible(scope, "h")} AND h.conversation_id = ${conversationId} AND h.revision >= ${after}`;
}

function toDelta({ since, firstFragment, lastFragment, length, jsonText }: AddedText, seen: Seen): TextDelta | null {
  if (since === null || firstFragment !== lastFragment) return null;
  if (seen.all ? since > seen.revision : since !== seen.revision) return null;
  const text = fromJsonText(jsonText);
  return { text, offset: length - text.length, fragment: lastFragment };
}
