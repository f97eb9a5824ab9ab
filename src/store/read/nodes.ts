import { sql } from "drizzle-orm";

import { isId, kindOfId } from "../../model/ids.ts";
import { MAX_TURN_BYTES } from "../../model/rules.ts";
import type { Executor } from "../database/executor.ts";
import { textArray } from "../sql/parameters.ts";
import { isVisible, type Scope } from "../sql/scope.ts";
import { selectList } from "../sql/select-list.ts";
import { TURN_BYTES, turnsFit, turnsTooLong } from "../sql/turn-bytes.ts";
import { conversations } from "../tables/conversations.ts";
import { turns } from "../tables/turns.ts";
import type { ByteBudget } from "./byte-budget.ts";
import { CONVERSATION_COLUMNS, type ConversationRow, conversationTables } from "./conversations.ts";
import { TURN_COLUMNS, type TurnRow, whereTrue } from "./turns.ts";

/** `isWhole` is false for a turn whose messages and error detail throw LIMIT_EXCEEDED: too much was asked for with it. */
export type NodeRow = (ConversationRow | TurnRow) & { isWhole?: boolean };

const ONE_TURN: ByteBudget = { pageBytes: MAX_TURN_BYTES, take: () => {} };

/**
 * The conversations and turns with these ids, by id; what the scope does not see, and what is no id at all, is left out.
 * One statement for all of them: a prefix gives the kind, other ids are looked up among both. Several turns with more than
 * `maxBytes` together are not whole.
 */
export async function readNodes(
  executor: Executor,
  scope: Scope,
  ids: readonly string[],
  budget = ONE_TURN,
): Promise<Map<string, NodeRow>> {
  const { conversationIds, turnIds } = sortIds(ids);
  if (conversationIds.length + turnIds.length === 0) return new Map();
  const fit = turnsFit(budget.pageBytes);
  const all = { ...CONVERSATION_COLUMNS, ...TURN_COLUMNS };
  const found = await executor.read<NodeRow & { bytes: number }>(sql`
    SELECT 'conversation' AS kind, c.id, ${selectList(CONVERSATION_COLUMNS, { all })}, true AS "isWhole", 0 AS bytes
    FROM ${conversationTables(scope)}
    WHERE ${isVisible(scope, "c")} AND c.id = ANY(${textArray(conversationIds)})
    UNION ALL
    SELECT 'turn', t.id, ${selectList(whereTrue(scope, fit), { all })}, ${fit} AS "isWhole", ${TURN_BYTES} FROM ${turns} t
    JOIN ${conversations} c ON c.id = t.conversation_id
    WHERE ${isVisible(scope, "c")} AND t.project_id = ${scope.projectId} AND t.id = ANY(${textArray(turnIds)})`);
  for (const { isWhole, bytes } of found) if (isWhole !== false) budget.take(bytes);
  return new Map(found.map((node) => [node.id, node.isWhole === false ? withoutLong(node, budget.pageBytes) : node]));
}

/** The turn for one who may want nothing long of it. */
function withoutLong(turn: NodeRow, maxBytes: number): NodeRow {
  const refused = {
    get: () => {
      throw turnsTooLong(maxBytes);
    },
  };
  return Object.defineProperties(turn, { messages: refused, errorDetail: refused });
}

/** The ids by the kinds that they may name, each once; what is no id at all is left out. */
export function sortIds(ids: readonly string[]): { conversationIds: string[]; turnIds: string[] } {
  const possible = [...new Set(ids)].filter(isId);
  return {
    conversationIds: possible.filter((id) => kindOfId(id) !== "turn"),
    turnIds: possible.filter((id) => kindOfId(id) !== "conversation"),
  };
}
