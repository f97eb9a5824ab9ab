import { sql } from "drizzle-orm";

import type { TurnRecord } from "../../model/conversation-record.ts";
import { textArray } from "../sql/parameters.ts";
import { turns } from "../tables/turns.ts";
import { writeTurns } from "./conversation.ts";
import type { Writer } from "./write-transaction.ts";

/**
 * Puts the merged turns of a conversation in the place of its known ones. Writes those that are new, changed or moved, and
 * those that reply to one of them; the rows of the others are not touched. Up to three statements.
 */
export async function rewriteTurns(
  writer: Writer,
  projectId: string,
  conversationId: string,
  known: readonly TurnRecord[],
  merged: TurnRecord[],
): Promise<void> {
  const left = new Set(known.filter((turn, index) => turn !== merged[index]).map(({ id }) => id));
  // A reply is checked when it is written, and its question may be no user's any more, or gone.
  const isKept = (turn: TurnRecord, index: number) => turn === known[index] && !left.has(turn.inReplyToId ?? "");
  const written = new Set(merged.filter((turn, index) => !isKept(turn, index)));
  const replaced = known.filter((turn) => left.has(turn.id) || written.has(turn)).map(({ id }) => id);
  if (replaced.length > 0) {
    await writer.rows(sql`
      DELETE FROM ${turns}
      WHERE project_id = ${projectId} AND conversation_id = ${conversationId} AND id = ANY(${textArray(replaced)})`);
    writer.freeIds("turn", replaced);
  }
  await writeTurns(writer, projectId, [{ id: conversationId, turns: merged }], (turn) => written.has(turn));
}
