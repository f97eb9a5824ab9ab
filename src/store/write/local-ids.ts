import { createHash } from "node:crypto";

import { type SQL, sql } from "drizzle-orm";

import type { ConversationRecord, TurnRecord } from "../../model/conversation-record.ts";
import { derivedId } from "../../model/ids.ts";
import type { Executor } from "../database/executor.ts";
import { textArray } from "../sql/parameters.ts";
import { conversations } from "../tables/conversations.ts";
import { turns } from "../tables/turns.ts";

/**
 * The turns of a known conversation's record under ids that are free in the project. An id that is unique only within its
 * conversation may name another conversation's turn: the turn then gets an id derived from both ids. A known turn keeps its
 * id. One statement; none for global ids.
 */
export async function nameTurns(
  executor: Executor,
  projectId: string,
  { id: conversationId, turnIds, turns: named }: ConversationRecord,
  known: readonly TurnRecord[],
): Promise<TurnRecord[]> {
  if (turnIds === "global" || named.length === 0) return [...named];
  const taken = await findTaken(executor, projectId, named, sql`AND conversation_id <> ${conversationId}`);
  const knownIds = new Set(known.map(({ id }) => id));
  return named.map((turn) => {
    const other = idWithin(conversationId, turn.id);
    const isOther = knownIds.has(other) || (taken.has(turn.id) && !knownIds.has(turn.id));
    return isOther ? { ...turn, id: other } : turn;
  });
}

/**
 * The turns of new conversations, which are stored without them already, under such ids: an earlier record's turn keeps an
 * id that several have. One statement; none for global ids.
 */
export async function nameNewTurns(
  executor: Executor,
  projectId: string,
  records: readonly ConversationRecord[],
): Promise<Pick<ConversationRecord, "id" | "turns">[]> {
  const local = records.flatMap(({ turnIds, turns }) => (turnIds === "global" ? [] : turns));
  const taken = local.length === 0 ? new Set<string>() : await findTaken(executor, projectId, local, sql``);
  return records.map(({ id: conversationId, turnIds, turns: named }) => {
    const isOther = (id: string) => turnIds !== "global" && taken.has(id);
    const own = named.map((turn) => (isOther(turn.id) ? { ...turn, id: idWithin(conversationId, turn.id) } : turn));
    for (const { id } of own) taken.add(id);
    return { id: conversationId, turns: own };
  });
}

/** Those of the turns' ids that name a conversation, or a turn for which the condition holds. */
async function findTaken(
  executor: Executor,
  projectId: string,
  named: readonly TurnRecord[],
  condition: SQL,
): Promise<Set<string>> {
  const ids = textArray(named.map(({ id }) => id));
  const rows = await executor.rows<{ id: string }>(sql`
    SELECT id FROM ${turns} WHERE project_id = ${projectId} AND id = ANY(${ids}) ${condition}
    UNION ALL SELECT id FROM ${conversations} WHERE project_id = ${projectId} AND id = ANY(${ids})`);
  return new Set(rows.map(({ id }) => id));
}

function idWithin(conversationId: string, turnId: string): string {
  return derivedId("turn", createHash("sha256").update(`${conversationId}\n${turnId}`).digest());
}
