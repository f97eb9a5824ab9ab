import { sql } from "drizzle-orm";

import { isId, kindOfId } from "../../model/ids.ts";
import type { Executor } from "../database/executor.ts";
import { textArray } from "../sql/parameters.ts";
import { isVisible, type Scope } from "../sql/scope.ts";
import { nullList, selectList } from "../sql/select-list.ts";
import { conversations } from "../tables/conversations.ts";
import { turns } from "../tables/turns.ts";
import { CONVERSATION_COLUMNS, type ConversationRow, conversationTables } from "./conversations.ts";
import { TURN_COLUMNS, type TurnRow } from "./turns.ts";

export type NodeRow = ConversationRow | TurnRow;

/**
 * The conversations and turns with these ids, by id; what the scope does not see, and what is no id at all, is left out.
 * One statement for all of them: a prefix tells the kind, other ids are looked for among both.
 */
export async function readNodes(
  executor: Executor,
  scope: Scope,
  ids: readonly string[],
): Promise<Map<string, NodeRow>> {
  const { conversationIds, turnIds } = sortIds(ids);
  if (conversationIds.length + turnIds.length === 0) return new Map();
  const found = await executor.read<NodeRow>(sql`
    SELECT 'conversation' AS kind, c.id, ${selectList(CONVERSATION_COLUMNS)}, ${nullList(TURN_COLUMNS)}
    FROM ${conversationTables()}
    WHERE ${isVisible(scope, "c")} AND c.id = ANY(${textArray(conversationIds)})
    UNION ALL
    SELECT 'turn', t.id, ${nullList(CONVERSATION_COLUMNS)}, ${selectList(TURN_COLUMNS)} FROM ${turns} t
    JOIN ${conversations} c ON c.project_id = t.project_id AND c.id = t.conversation_id
    WHERE ${isVisible(scope, "c")} AND t.id = ANY(${textArray(turnIds)})`);
  return new Map(found.map((node) => [node.id, node]));
}

/** The ids by the kinds that they may name, each once; what is no id at all is left out. */
export function sortIds(ids: readonly string[]): { conversationIds: string[]; turnIds: string[] } {
  const possible = [...new Set(ids)].filter(isId);
  return {
    conversationIds: possible.filter((id) => kindOfId(id) !== "turn"),
    turnIds: possible.filter((id) => kindOfId(id) !== "conversation"),
  };
}
