import { createHash } from "node:crypto";

import { sql } from "drizzle-orm";

import type { ConversationRecord, TurnRecord } from "../../model/conversation-record.ts";
import { derivedId } from "../../model/ids.ts";
import type { Executor } from "../database/executor.ts";
import { textArray } from "../sql/parameters.ts";
import { conversations } from "../tables/conversations.ts";
import { turns } from "../tables/turns.ts";

/**
 * The record's turns under ids that are free in the project. An id that is unique only within its conversation may name
 * another conversation's turn: the turn then gets an id derived from both ids. A known turn keeps its id. One statement; none
 * for global ids.
 */
export async function nameTurns(
  executor: Executor,
  projectId: string,
  { id: conversationId, turnIds, turns: named }: ConversationRecord,
  known: readonly TurnRecord[] = [],
): Promise<TurnRecord[]> {
  if (turnIds === "global" || named.length === 0) return [...named];
  const ids = textArray(named.map(({ id }) => id));
  const rows = await executor.rows<{ id: string }>(sql`
    SELECT id FROM ${turns} WHERE project_id = ${projectId} AND id = ANY(${ids}) AND conversation_id <> ${conversationId}
    UNION ALL SELECT id FROM ${conversations} WHERE project_id = ${projectId} AND id = ANY(${ids})`);
  const taken = new Set(rows.map(({ id }) => id));
  const knownIds = new Set(known.map(({ id }) => id));
  return named.map((turn) => {
    const other = idWithin(conversationId, turn.id);
    const isOther = knownIds.has(other) || (taken.has(turn.id) && !knownIds.has(turn.id));
    return isOther ? { ...turn, id: other } : turn;
  });
}

function idWithin(conversationId: string, turnId: string): string {
  return derivedId("turn", createHash("sha256").update(`${conversationId}\n${turnId}`).digest());
}
