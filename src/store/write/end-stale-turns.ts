import { type SQL, sql } from "drizzle-orm";

import { isUnreachable } from "../../model/errors.ts";
import type { Database } from "../database/client.ts";
import type { Executor } from "../database/executor.ts";
import type { Scope } from "../sql/scope.ts";
import { conversationHeads } from "../tables/conversations.ts";
import { projects } from "../tables/projects.ts";
import { turns } from "../tables/turns.ts";
import { notifyChanged } from "../watch/change-feed.ts";
import type { TurnChange } from "./change-messages.ts";
import { rewriteTurn } from "./update-turn.ts";

const CONVERSATIONS_AT_A_TIME = 100;

/** The change that stops a turn in progress, and nothing else. */
export const STOP: TurnChange = {
  messages: null,
  appendMessages: null,
  appendText: null,
  state: "stopped",
  errorDetail: null,
  expectedRevision: null,
};

/**
 * Stops the turns in progress of every conversation that nothing was written to for so many minutes, as `updateTurn` does,
 * and notifies watchers. Resolves to their number. One statement for each project, and a transaction for each such
 * conversation. A conversation that another process writes to at this moment is passed over. A conversation that fails
 * keeps no other from its turn: the first failure is thrown at the end, an unreachable database at once.
 */
export async function endStaleTurns(database: Database, minutes: number, signal: AbortSignal): Promise<number> {
  let ended = 0;
  const failures: unknown[] = [];
  for await (const { projectId, conversationId } of findStale(database, minutes)) {
    if (signal.aborted) break;
    try {
      ended += await database.transaction((transaction) => endTurns(transaction, projectId, conversationId, minutes));
    } catch (error) {
      if (isUnreachable(error)) throw error;
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return ended;
}

/** The conversations with turns to end. Nothing is locked: each may have changed by the time that it comes up. */
async function* findStale(
  database: Database,
  minutes: number,
): AsyncGenerator<{ projectId: string; conversationId: string }> {
  for (const { id: projectId } of await database.read<{ id: string }>(sql`SELECT id FROM ${projects} ORDER BY id`)) {
    let after = "";
    for (;;) {
      const found = await database.read<{ id: string }>(sql`
        SELECT DISTINCT t.conversation_id AS id FROM ${turns} t
        JOIN ${conversationHeads} h ON h.project_id = t.project_id AND h.conversation_id = t.conversation_id
        WHERE t.project_id = ${projectId} AND h.project_id = ${projectId} AND t.state = 'in-progress'
          AND t.conversation_id > ${after} AND ${isStale(minutes)}
        ORDER BY t.conversation_id LIMIT ${CONVERSATIONS_AT_A_TIME}`);
      for (const { id } of found) yield { projectId, conversationId: id };
      const last = found[CONVERSATIONS_AT_A_TIME - 1];
      if (last === undefined) break;
      after = last.id;
    }
  }
}

async function endTurns(
  transaction: Executor,
  projectId: string,
  conversationId: string,
  minutes: number,
): Promise<number> {
  const scope: Scope = { projectId, isolationKey: null };
  // Every writer locks the head first: under its lock nothing is written to the turns.
  const heads = await transaction.rows(sql`
    SELECT h.conversation_id FROM ${conversationHeads} h
    WHERE h.project_id = ${projectId} AND h.conversation_id = ${conversationId} AND ${isStale(minutes)}
    FOR UPDATE SKIP LOCKED`);
  if (heads.length === 0) return 0;
  const open = await transaction.rows<{ id: string }>(sql`
    SELECT t.id FROM ${turns} t
    WHERE t.project_id = ${projectId} AND t.conversation_id = ${conversationId} AND t.state = 'in-progress'
    ORDER BY t.position`);
  for (const { id } of open) await rewriteTurn(transaction, scope, id, STOP);
  if (open.length > 0) await notifyChanged(transaction, projectId, [conversationId]);
  return open.length;
}

// By the clock of the database, as most of `updated_at` is. Appended text moves it at least once a second.
function isStale(minutes: number): SQL {
  return sql`h.updated_at < now() - make_interval(mins => ${minutes})`;
}
