import { type SQL, sql } from "drizzle-orm";

import type { KnownCall } from "../../items/items-to-turns.ts";
import { placeOfDerivedId, turnToItems } from "../../items/turn-to-items.ts";
import type { Executor } from "../database/executor.ts";
import { textArray } from "../sql/parameters.ts";
import { isVisible, type Scope } from "../sql/scope.ts";
import { selectList } from "../sql/select-list.ts";
import { conversations } from "../tables/conversations.ts";
import { items } from "../tables/items.ts";
import { turns } from "../tables/turns.ts";
import { type TurnRow, turnColumns } from "./turns.ts";

/** An item of a conversation, where it stands, and its text byte for byte. */
export interface FoundItem {
  id: string;
  type: string;
  position: number;
  place: number;
  json: string;
  /** How many of the turn's fragments are the item's; null for one that belongs to no turn. */
  fragments: number | null;
  /** The turn that the item was made of just now; absent for one that is stored. */
  turn?: TurnRow;
}

/** The columns of a stored item `i`. Its text: a value would lose what JavaScript spells otherwise. */
const ITEM_COLUMNS = sql`i.id, i.type, i.position, i.place, i.fragments, i.item::text AS json`;

/**
 * The items of the conversation with these ids, by id; of ids that it lacks, and of a conversation that the scope does not see,
 * none. One statement, and one more for ids that may be of items of turns that were written otherwise.
 */
export async function findItems(
  executor: Executor,
  scope: Scope,
  conversationId: string,
  ids: readonly string[],
): Promise<Map<string, FoundItem>> {
  const stored = await executor.read<FoundItem>(sql`
    SELECT ${ITEM_COLUMNS} FROM ${conversations} c
    JOIN ${items} i ON i.project_id = ${scope.projectId} AND i.conversation_id = c.id
    WHERE ${isVisible(scope, "c")} AND c.id = ${conversationId} AND i.id = ANY(${textArray(ids.filter(isItemId))})`);
  const found = new Map(stored.map((item) => [item.id, item]));
  const positions = ids.flatMap((id) => (found.has(id) ? [] : (placeOfDerivedId(id)?.position ?? [])));
  if (positions.length === 0) return found;
  const wanted = new Set(ids);
  for (const turn of await readWrittenTurns(executor, scope, conversationId, positions)) {
    for (const item of itemsOfTurn(turn)) if (wanted.has(item.id)) found.set(item.id, item);
  }
  return found;
}

/** The items of a turn that was written otherwise, in order. */
export function itemsOfTurn(turn: TurnRow): FoundItem[] {
  return turnToItems(turn).map(({ id, type, json, fragments }, place) => {
    return { id, type, position: turn.position, place, json, fragments, turn };
  });
}

/** Whether a stored item may have the id: others are unknown without a query, which could not even carry some of them. */
function isItemId(id: string): boolean {
  return /^[\w-]{1,64}$/.test(id);
}

async function readWrittenTurns(
  executor: Executor,
  scope: Scope,
  conversationId: string,
  positions: readonly number[],
): Promise<TurnRow[]> {
  return executor.read<TurnRow>(sql`
    SELECT 'turn' AS kind, t.id, ${selectList(turnColumns(scope))} FROM ${conversations} c
    JOIN ${turns} t ON t.project_id = ${scope.projectId} AND t.conversation_id = c.id
    WHERE ${isVisible(scope, "c")} AND c.id = ${conversationId} AND NOT t.of_items
      AND t.position = ANY(${textArray(positions.map(String))}::integer[])`);
}

/** An agent whose conversations alone are looked at; without a version, any of its versions. */
export interface AgentFilter {
  name: string;
  version: string | null;
}

/**
 * The texts of stored items with these ids, by id, in whatever conversation of the scope and of the agent, if any: of several
 * with one id, that of the newest conversation. One statement.
 */
export async function findItemsAnywhere(
  executor: Executor,
  scope: Scope,
  agent: AgentFilter | null,
  ids: readonly string[],
): Promise<Map<string, string>> {
  const ofAgent: SQL[] = agent === null ? [] : [sql` AND c.agent_name = ${agent.name}`];
  if (agent?.version != null) ofAgent.push(sql` AND c.agent_version = ${agent.version}`);
  const rows = await executor.read<{ id: string; json: string }>(sql`
    SELECT i.id, i.item::text AS json FROM ${items} i
    JOIN ${conversations} c ON c.project_id = ${scope.projectId} AND c.id = i.conversation_id
    WHERE i.project_id = ${scope.projectId} AND i.id = ANY(${textArray(ids.filter(isItemId))}) AND ${isVisible(scope, "c")}${sql.join(ofAgent)}
    ORDER BY c.created_at, c.id`);
  return new Map(rows.map(({ id, json }) => [id, json]));
}

/** The stored items at the position, in order. One statement, for a conversation that is locked. */
export async function readItemsAt(
  executor: Executor,
  { projectId }: Scope,
  conversationId: string,
  position: number,
): Promise<FoundItem[]> {
  return executor.rows<FoundItem>(sql`
    SELECT ${ITEM_COLUMNS} FROM ${items} i
    WHERE i.project_id = ${projectId} AND i.conversation_id = ${conversationId} AND i.position = ${position}
    ORDER BY i.place`);
}

/** The calls and outputs of the locked conversation's items with these ids of calls, oldest first. One statement; none without ids. */
export async function readKnownCalls(
  executor: Executor,
  { projectId }: Scope,
  conversationId: string,
  callIds: readonly string[],
): Promise<KnownCall[]> {
  if (callIds.length === 0) return [];
  return executor.rows<KnownCall>(sql`
    SELECT i.position, i.call_id AS "callId", i.type, i.item ->> 'name' AS name FROM ${items} i
    WHERE i.project_id = ${projectId} AND i.conversation_id = ${conversationId} AND i.call_id = ANY(${textArray(callIds)})
    ORDER BY i.position, i.place`);
}
