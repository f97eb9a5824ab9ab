import { type SQL, sql } from "drizzle-orm";

import { MAX_TURN_BYTES } from "../../model/rules.ts";
import { currentMessages } from "../read/open-text.ts";
import { type TurnRead, turnColumns } from "../read/turns.ts";
import { instant } from "../sql/parameters.ts";
import { isVisible, type Scope } from "../sql/scope.ts";
import { selectList } from "../sql/select-list.ts";
import { MAX_UNFOLDED_BYTES } from "../sql/turn-bytes.ts";
import { conversationHeads } from "../tables/conversations.ts";
import { turnChunks } from "../tables/turn-chunks.ts";
import { turns } from "../tables/turns.ts";

/** Text to append to a turn in progress. */
export interface TextToAppend {
  text: string;
  /** The revision that the turn must be at; null for any. */
  expectedRevision: number | null;
  /** Whether the turn is wanted with its messages, which costs as much as they are long. */
  withMessages: boolean;
}

/** A turn that takes a chunk, and what the chunk follows from. */
export type OpenTurn = Omit<TurnRead, "revision"> & {
  headRevision: number;
  lastRevision: number;
  fragment: number;
  length: number;
  unfoldedBytes: number;
};

/** Expressions for the values of a chunk. */
export interface ChunkValues {
  id: SQL;
  jsonText: SQL;
  bytes: SQL;
  expectedRevision: SQL;
}

/**
 * What follows SELECT in a statement that reads the turns as they are with their chunks; without a row where a turn takes none.
 * `chunks`, which the values may refer to, stands ahead of the turns in its FROM; nothing where the values are parameters.
 */
export function openTurns(
  scope: Scope,
  withMessages: boolean,
  { id, jsonText, bytes, expectedRevision }: ChunkValues,
  chunks = sql``,
): SQL {
  const { projectId } = scope;
  const { revision: _revision, messages: _messages, ...columns } = turnColumns(scope);
  const messages = withMessages ? currentMessages(projectId, jsonText) : sql`NULL::json`;
  return sql`
    'turn' AS kind, t.id, ${selectList(columns)}, ${messages} AS messages, h.revision AS "headRevision",
      last.revision AS "lastRevision", last.fragment, last.length, last.unfolded_bytes AS "unfoldedBytes"
    FROM ${chunks} ${turns} t
    JOIN ${conversationHeads} h ON h.conversation_id = t.conversation_id
    CROSS JOIN LATERAL (
      SELECT k.* FROM ${turnChunks} k WHERE k.project_id = ${projectId} AND k.turn_id = ${id}
      ORDER BY k.revision DESC LIMIT 1
    ) AS last
    WHERE t.project_id = ${projectId} AND t.id = ${id} AND ${isVisible(scope, "h")}
      AND t.chunks_after <= last.revision AND t.high_surrogate IS NULL
      AND last.unfolded_bytes + ${bytes} <= ${MAX_UNFOLDED_BYTES}
      AND t.bytes + last.unfolded_bytes + ${bytes} <= ${MAX_TURN_BYTES}
      AND last.revision = coalesce(${expectedRevision}::integer, last.revision)`;
}

// A conversation whose text streams is as new as that: each write of the instant writes to both indexes of it.
const UPDATED_EVERY_MS = 1000;

/** Milliseconds since 1970: now, and before which an update is so old that another one moves it. */
export interface Moments {
  now: number;
  isOld: number;
}

/** The moments of a text that is appended now. */
export function currentMoments(): Moments {
  const now = Date.now();
  return { now, isOld: now - UPDATED_EVERY_MS };
}

/** An expression: when the conversation of the head `h` was updated last, once a text is appended at these moments. */
export function movedOn({ now, isOld }: Moments): SQL {
  return sql`CASE WHEN h.updated_at < ${instant(isOld)} THEN ${instant(now)} ELSE h.updated_at END`;
}
