import { sql } from "drizzle-orm";

import type { Executor } from "../database/executor.ts";
import { together } from "../database/together.ts";
import { toJsonText } from "../read/open-text.ts";
import type { TurnRead } from "../read/turns.ts";
import type { Scope } from "../sql/scope.ts";
import { conversationHeads } from "../tables/conversations.ts";
import { currentMoments, movedOn, type OpenTurn, openTurns, type TextToAppend } from "./open-turns.ts";
import { insertChunk } from "./turn-chunks.ts";

/**
 * Appends the text as a chunk, as `appendChunk`, in a transaction that has the lock on the head of the turn's conversation, so that
 * no other writer has it. By statements that write to one table each: where tables are distributed, an INSERT within WITH goes
 * to every machine. Null where the turn takes no chunk.
 */
export async function appendChunkApart(
  transaction: Executor,
  scope: Scope,
  id: string,
  { text, expectedRevision, withMessages }: TextToAppend,
): Promise<TurnRead | null> {
  if (!text.isWellFormed()) return null;
  const jsonText = toJsonText(text);
  const bytes = Buffer.byteLength(jsonText);
  const values = {
    id: sql`${id}`,
    jsonText: sql`${jsonText}::text`,
    bytes: sql`${bytes}::integer`,
    expectedRevision: sql`${expectedRevision}`,
  };
  const [found] = await transaction.rows<OpenTurn>(sql`SELECT ${openTurns(scope, withMessages, values)}`);
  if (found === undefined) return null;
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
  await together([
    transaction.rows(sql`
      UPDATE ${conversationHeads} h SET revision = ${revision}, updated_at = ${movedOn(currentMoments())}
      WHERE h.project_id = ${scope.projectId} AND h.conversation_id = ${turn.conversationId}`),
    transaction.rows(insertChunk(scope, chunk)),
  ]);
  return { ...turn, revision };
}
