import { type SQL, sql } from "drizzle-orm";

import { MAX_TURN_BYTES } from "../../model/rules.ts";
import type { Executor } from "../database/executor.ts";
import { createStatementCache, placeholder } from "../database/statements.ts";
import { together } from "../database/together.ts";
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
  const [found] = await executor.rows<OpenTurn & { revision: number | null }>(statement);
  if (found === undefined) return "takes no chunk";
  const { revision, headRevision: _h, lastRevision: _l, fragment: _f, length: _n, unfoldedBytes: _b, ...turn } = found;
  return revision === null ? "contended" : { ...turn, revision };
}

/**
 * The same in a transaction that has the lock on the head of the turn's conversation, by statements that write to one table
 * each: where tables are distributed, an INSERT within WITH goes to every machine.
 */
export async function appendChunkApart(
  transaction: Executor,
  scope: Scope,
  id: string,
  { text, expectedRevision, withMessages }: TextToAppend,
): Promise<TurnRead | "takes no chunk"> {
  if (!text.isWellFormed()) return "takes no chunk";
  const jsonText = toJsonText(text);
  const bytes = Buffer.byteLength(jsonText);
  const values = { id, jsonText: sql`${jsonText}::text`, bytes: sql`${bytes}::integer`, expectedRevision };
  const [found] = await transaction.rows<OpenTurn>(openTurn(scope, withMessages, values));
  if (found === undefined) return "takes no chunk";
  const { headRevision, lastRevision, fragment, length, unfoldedBytes, ...turn } = found;
  const revision = headRevision + 1;
  const chunk = {
    turnId: sql`${id}`,
    revision: sql`${revision}`,
    previousRevision: sql`${lastRevision}`,
    fragment: sql`${fragment}`,
    length: sql`${length + text.length}`,
    unfoldedBytes: sql`${unfoldedBytes + bytes}`,
    jsonText: sql`${jsonText}`,
  };
  const now = Date.now();
  await together([
    transaction.rows(sql`
      UPDATE ${conversationHeads} h SET revision = ${revision}, updated_at = ${movedOn(now, now - UPDATED_EVERY_MS)}
      WHERE h.project_id = ${scope.projectId} AND h.conversation_id = ${turn.conversationId}`),
    transaction.rows(insertChunk(scope, chunk)),
  ]);
  return { ...turn, revision };
}

/** A turn that takes a chunk, and what the chunk follows from. */
type OpenTurn = Omit<TurnRead, "revision"> & {
  headRevision: number;
  lastRevision: number;
  fragment: number;
  length: number;
  unfoldedBytes: number;
};

interface ChunkValues {
  id: string;
  jsonText: SQL;
  bytes: SQL;
  expectedRevision: number | null;
}

/** A SELECT of the turn as it is with the chunk; without a row where it takes none. */
function openTurn(scope: Scope, withMessages: boolean, { id, jsonText, bytes, expectedRevision }: ChunkValues): SQL {
  const { projectId } = scope;
  const { revision: _revision, messages: _messages, ...columns } = turnColumns(scope);
  const messages = withMessages ? currentMessages(projectId, jsonText) : sql`NULL::json`;
  return sql`
    SELECT 'turn' AS kind, t.id, ${selectList(columns)}, ${messages} AS messages, h.revision AS "headRevision",
      last.revision AS "lastRevision", last.fragment, last.length, last.unfolded_bytes AS "unfoldedBytes"
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
      AND last.revision = coalesce(${expectedRevision}::integer, last.revision)`;
}

/** An expression: when the conversation of the head `h` was updated last, from the instants now and a while before. */
function movedOn(now: number, isOld: number): SQL {
  return sql`CASE WHEN h.updated_at < ${instant(isOld)} THEN ${instant(now)} ELSE h.updated_at END`;
}

/** The statement of `appendChunk`, where `values` are placeholders. */
function chunkStatement(scope: Scope, withMessages: boolean): SQL {
  const { projectId } = scope;
  const jsonText = sql`${placeholder("jsonText")}::text`;
  const bytes = sql`${placeholder("bytes")}::integer`;
  const expectedRevision = placeholder<number>("expectedRevision");
  const found = openTurn(scope, withMessages, { id: placeholder("id"), jsonText, bytes, expectedRevision });
  const chunk = {
    turnId: sql`turn.id`,
    revision: sql`h.revision`,
    previousRevision: sql`turn."lastRevision"`,
    fragment: sql`turn.fragment`,
    length: sql`turn.length + ${placeholder("length")}::integer`,
    unfoldedBytes: sql`turn."unfoldedBytes" + ${bytes}`,
    jsonText,
  };
  return sql`
    WITH turn AS (${found}), h AS (
      UPDATE ${conversationHeads} h SET revision = h.revision + 1,
        updated_at = ${movedOn(placeholder("now"), placeholder("isOld"))}
      FROM turn
      WHERE h.project_id = ${projectId} AND h.conversation_id = turn."conversationId" AND h.revision = turn."headRevision"
      RETURNING h.revision
    ), k AS (
      ${insertChunk(scope, chunk, sql`FROM turn CROSS JOIN h`)}
    )
    SELECT turn.*, h.revision FROM turn LEFT JOIN h ON true`;
}
