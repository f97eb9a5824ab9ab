import { type SQL, sql } from "drizzle-orm";

import { MAX_TURN_BYTES } from "../../model/rules.ts";
import type { Executor } from "../database/executor.ts";
import { createStatementCache, placeholder } from "../database/statements.ts";
import { lateScope } from "../read/late-scope.ts";
import { currentMessages, toJsonText } from "../read/open-text.ts";
import { type TurnRead, turnColumns } from "../read/turns.ts";
import { instant } from "../sql/parameters.ts";
import { isVisible, type Scope } from "../sql/scope.ts";
import { selectList } from "../sql/select-list.ts";
import { MAX_UNFOLDED_BYTES } from "../sql/turn-bytes.ts";
import { conversationHeads } from "../tables/conversations.ts";
import { turnChunks } from "../tables/turn-chunks.ts";
import { turns } from "../tables/turns.ts";
import { insertChunk } from "./turn-chunks.ts";

/** Text to append to a turn in progress. */
export interface TextToAppend {
  text: string;
  /** The revision that the turn must be at; null for any. */
  expectedRevision: number | null;
  /** Whether the turn is wanted with its messages, which costs as much as they are long. */
  withMessages: boolean;
}

// The statement is the same for all appends, and takes longer to put together than to send.
const statements = createStatementCache()();

// A conversation whose text streams is as new as that: each write of the instant writes to both indexes of it.
const UPDATED_EVERY_MS = 1000;

/**
 * Appends the text as a chunk: costs what the text is long, whatever the turn has said. One statement, which answers the turn.
 * Nothing was written where the turn takes no chunk (it is not visible, final, at another revision, at a limit, or its text is not
 * open), nor where another writer changed the conversation at this moment, which the lock on its head rules out. The head's
 * revision says whether what the statement has read still holds once it has that lock.
 */
export async function appendChunk(
  executor: Executor,
  scope: Scope,
  id: string,
  { text, expectedRevision, withMessages }: TextToAppend,
): Promise<TurnRead | "takes no chunk" | "contended"> {
  // Half a character waits beside the messages.
  if (!text.isWellFormed()) return "takes no chunk";
  const jsonText = toJsonText(text);
  const now = Date.now();
  const values = {
    ...scope,
    id,
    jsonText,
    bytes: Buffer.byteLength(jsonText),
    length: text.length,
    expectedRevision,
    now,
    isOld: now - UPDATED_EVERY_MS,
  };
  const shape = JSON.stringify([scope.isolationKey === null, withMessages]);
  const statement = statements(shape, values, () => chunkStatement(lateScope(scope), withMessages));
  const [found] = await executor.rows<Omit<TurnRead, "revision"> & { revision: number | null }>(statement);
  if (found === undefined) return "takes no chunk";
  const { revision, ...turn } = found;
  return revision === null ? "contended" : { ...turn, revision };
}

/** The statement of `appendChunk`, where `values` are placeholders. */
function chunkStatement(scope: Scope, withMessages: boolean): SQL {
  const { projectId } = scope;
  const [id, jsonText] = [placeholder<string>("id"), sql`${placeholder("jsonText")}::text`];
  const bytes = sql`${placeholder("bytes")}::integer`;
  const { revision: _revision, messages: _messages, ...columns } = turnColumns(scope);
  const messages = withMessages ? currentMessages(projectId, jsonText) : sql`NULL::json`;
  const chunk = {
    turnId: sql`turn.id`,
    revision: sql`h.revision`,
    previousRevision: sql`turn.last_revision`,
    fragment: sql`turn.fragment`,
    length: sql`turn.length + ${placeholder("length")}::integer`,
    unfoldedBytes: sql`turn.unfolded_bytes + ${bytes}`,
    jsonText,
  };
  return sql`
    WITH turn AS (
      SELECT t.id, ${selectList(columns)}, ${messages} AS messages, h.revision AS head_revision,
        last.revision AS last_revision, last.fragment, last.length, last.unfolded_bytes
      FROM ${turns} t
      JOIN ${conversationHeads} h ON h.conversation_id = t.conversation_id
      CROSS JOIN LATERAL (
        SELECT k.* FROM ${turnChunks} k WHERE k.project_id = ${projectId} AND k.turn_id = ${id}
        ORDER BY k.revision DESC LIMIT 1
      ) AS last
      WHERE t.project_id = ${projectId} AND t.id = ${id} AND ${isVisible(scope, "h")}
        AND t.chunks_after <= last.revision AND t.high_surrogate IS NULL
        AND last.unfolded_bytes + ${bytes} <= ${MAX_UNFOLDED_BYTES}
        AND t.bytes + last.unfolded_bytes + ${bytes} <= ${MAX_TURN_BYTES}
        AND last.revision = coalesce(${placeholder("expectedRevision")}::integer, last.revision)
    ), h AS (
      UPDATE ${conversationHeads} h SET revision = h.revision + 1, updated_at =
        CASE WHEN h.updated_at < ${instant(placeholder("isOld"))} THEN ${instant(placeholder("now"))} ELSE h.updated_at END
      FROM turn
      WHERE h.project_id = ${projectId} AND h.conversation_id = turn."conversationId" AND h.revision = turn.head_revision
      RETURNING h.revision
    ), k AS (
      ${insertChunk(scope, chunk, sql`FROM turn CROSS JOIN h`)}
    )
    SELECT 'turn' AS kind, turn.*, h.revision FROM turn LEFT JOIN h ON true`;
}
