import { type SQL, sql } from "drizzle-orm";

import type { Database } from "../database/client.ts";
import type { Executor } from "../database/executor.ts";
import { createStatementCache, placeholder } from "../database/statements.ts";
import { lateScope, lateScopeOfEach } from "../read/late-scope.ts";
import { toJsonText } from "../read/open-text.ts";
import type { TurnRead } from "../read/turns.ts";
import type { Scope } from "../sql/scope.ts";
import { conversationHeads } from "../tables/conversations.ts";
import { currentMoments, movedOn, type OpenTurn, openTurns, type TextToAppend } from "./open-turns.ts";
import { insertChunk } from "./turn-chunks.ts";

// The statement is the same for all appends, and takes longer to put together than to send.
const statements = createStatementCache()();

/** A text that is to become a chunk. */
interface Chunk {
  isolationKey: string | null;
  id: string;
  jsonText: string;
  bytes: number;
  length: number;
  expectedRevision: number | null;
}

/**
 * Appends the text as a chunk: costs what the text is long, whatever the turn has said. One statement, which answers the turn,
 * for all such texts of the project that come at the same time. Null where nothing was written: the turn takes no chunk (it is
 * not visible, final, at another revision, at a limit, or its text is not open), another writer has its conversation at this
 * moment, or another text of the statement is for the same conversation.
 */
export async function appendChunk(
  database: Database,
  { projectId, isolationKey }: Scope,
  id: string,
  { text, expectedRevision, withMessages }: TextToAppend,
): Promise<TurnRead | null> {
  // Half a character waits beside the messages.
  if (!text.isWellFormed()) return null;
  const jsonText = toJsonText(text);
  const bytes = Buffer.byteLength(jsonText);
  const chunk: Chunk = { isolationKey, id, jsonText, bytes, length: text.length, expectedRevision };
  const form = { byUser: isolationKey !== null, withMessages };
  const name = `appendChunk ${JSON.stringify([form, projectId])}`;
  return database.writeInBatch(name, chunk, (executor, chunks) => insertChunks(executor, projectId, chunks, form));
}

/** How a statement of chunks reads: for users or for whole projects, and whether it answers what the turns have said. */
interface Form {
  byUser: boolean;
  withMessages: boolean;
}

/** Inserts the chunks that their turns take; resolves to the turns, in the order of the chunks, null where none was inserted. */
async function insertChunks(
  executor: Pick<Executor, "rows">,
  projectId: string,
  chunks: readonly Chunk[],
  form: Form,
): Promise<(TurnRead | null)[]> {
  const column = <Name extends keyof Chunk>(name: Name) => chunks.map((chunk) => chunk[name]);
  const values = {
    projectId,
    ids: column("id"),
    jsonTexts: column("jsonText"),
    bytes: column("bytes").map(String),
    lengths: column("length").map(String),
    expectedRevisions: column("expectedRevision").map((revision) => revision?.toString() ?? null),
    isolationKeys: column("isolationKey"),
    ...currentMoments(),
  };
  const statement = statements(JSON.stringify(form), values, () => chunksStatement(form));
  const results = chunks.map((): TurnRead | null => null);
  for (const found of await executor.rows<OpenTurn & { place: number; revision: number }>(statement)) {
    const { place, headRevision: _h, lastRevision: _l, fragment: _f, length: _n, unfoldedBytes: _b, ...turn } = found;
    results[place] = turn;
  }
  return results;
}

/**
 * The statement of `insertChunks`, where `values` are placeholders. A conversation gets one chunk by it: the revision of the next
 * would follow from that one. It waits for no lock, or a conversation whose lock another writer has would hold up all the others;
 * whether what it has read holds once it has the lock, the head's revision says.
 */
function chunksStatement({ byUser, withMessages }: Form): SQL {
  const scope = byUser ? lateScopeOfEach(sql`chunk.isolation_key`) : lateScope({ projectId: "", isolationKey: null });
  const { projectId } = scope;
  const array = (name: string) => sql`${placeholder(name)}::text[]`;
  const integers = (name: string) => sql`${array(name)}::integer[]`;
  const values = {
    id: sql`chunk.id`,
    jsonText: sql`chunk.json_text`,
    bytes: sql`chunk.bytes`,
    expectedRevision: sql`chunk.expected_revision`,
  };
  const inserted = {
    turnId: sql`turn.id`,
    revision: sql`h.revision`,
    previousRevision: sql`turn."lastRevision"`,
    fragment: sql`turn.fragment`,
    length: sql`turn.length + chunk.length`,
    unfoldedBytes: sql`turn."unfoldedBytes" + chunk.bytes`,
    jsonText: sql`chunk.json_text`,
  };
  return sql`
    WITH chunk AS (
      SELECT * FROM unnest(${array("ids")}, ${array("jsonTexts")}, ${integers("bytes")}, ${integers("lengths")},
        ${integers("expectedRevisions")}, ${array("isolationKeys")})
      WITH ORDINALITY AS chunk (id, json_text, bytes, length, expected_revision, isolation_key, place)
    ), turn AS (
      SELECT DISTINCT ON (t.conversation_id) (chunk.place - 1)::integer AS place,
        ${openTurns(scope, withMessages, values, sql`chunk CROSS JOIN`)}
      ORDER BY t.conversation_id, chunk.place
    ), locked AS (
      SELECT h.conversation_id FROM ${conversationHeads} h
      JOIN turn ON h.conversation_id = turn."conversationId" AND h.revision = turn."headRevision"
      WHERE h.project_id = ${projectId} FOR NO KEY UPDATE OF h SKIP LOCKED
    ), h AS (
      UPDATE ${conversationHeads} h SET revision = h.revision + 1,
        updated_at = ${movedOn({ now: placeholder("now"), isOld: placeholder("isOld") })}
      FROM locked WHERE h.project_id = ${projectId} AND h.conversation_id = locked.conversation_id
      RETURNING h.conversation_id, h.revision
    ), k AS (
      ${insertChunk(
        scope,
        inserted,
        sql`FROM turn JOIN h ON h.conversation_id = turn."conversationId" JOIN chunk ON chunk.place = turn.place + 1`,
      )}
    )
    SELECT turn.*, h.revision FROM turn JOIN h ON h.conversation_id = turn."conversationId"`;
}
