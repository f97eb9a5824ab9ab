import { type SQL, sql } from "drizzle-orm";
import type { MessageFragment, TurnRole, TurnState } from "../../model/message-fragment.ts";
import type { Slice } from "../../relay/connection.ts";
import { endByBytes, type Sized } from "../../relay/end-by-bytes.ts";
import type { Key } from "../../relay/ordering.ts";
import type { Page } from "../../relay/page.ts";
import type { Executor } from "../database/executor.ts";
import { columnsOf, mayBeLong, type RowOf } from "../sql/entity-columns.ts";
import { type FoundRow, type List, pageSource, toSlice } from "../sql/keyset.ts";
import { textArray } from "../sql/parameters.ts";
import { isVisible, type Scope } from "../sql/scope.ts";
import { selectList } from "../sql/select-list.ts";
import { TURN_BYTES, wholeTurnBytes } from "../sql/turn-bytes.ts";
import { conversations } from "../tables/conversations.ts";
import { turns } from "../tables/turns.ts";
import type { ByteBudget } from "./byte-budget.ts";
import { currentMessages, currentRevision } from "./open-text.ts";

const COLUMNS = columnsOf("t", turns, {
  conversationId: "id",
  position: "integer",
  revision: "integer",
  timestamp: "instant",
  role: "enum",
  state: "enum",
  messages: "json",
  errorDetail: "text",
  inReplyToId: "id",
  metadata: "json",
});
const STORED = { ...COLUMNS, metadata: { ...COLUMNS.metadata, isShort: true } };

/**
 * What is read of a turn beside its id. Every statement, row and raw row of turns follows from this table; a statement has the
 * columns from `turnColumns`.
 */
export const TURN_COLUMNS: { [Name in keyof typeof STORED]: Omit<(typeof STORED)[Name], "sql"> } = STORED;

/** The columns as a statement reads them, where `t` is turns of the scope: with the text that a turn in progress has in chunks. */
export function turnColumns({ projectId }: Pick<Scope, "projectId">): typeof STORED {
  return {
    ...STORED,
    revision: { ...STORED.revision, sql: currentRevision(projectId) },
    messages: { ...STORED.messages, sql: currentMessages(projectId) },
  };
}

/** The columns of a turn whose chunks hold nothing that its messages lack, as when it is being stored. */
export function storedTurnColumns(): typeof STORED {
  return STORED;
}

/** A turn as it is read, with all its fragments. */
export interface TurnRow extends RowOf<typeof STORED> {
  kind: "turn";
  id: string;
}

/** A turn of which the messages may not have been read: they are null then. */
export interface TurnRead extends Omit<TurnRow, "messages"> {
  messages: MessageFragment[] | null;
}

export interface TurnFilter {
  role?: TurnRole | undefined;
  state?: TurnState | undefined;
}

/** Whether the filter lets every turn through: the conversation's `turnCount` is then their number. */
export function countsAll({ role, state }: TurnFilter): boolean {
  return role === undefined && state === undefined;
}

/** A turn of a list, which has no messages and no error detail yet where it was too long to come with the list. */
export interface ListedTurn extends TurnRead, Sized {}

/**
 * The same page of turns of each of the conversations, by conversation id, for `completeTurns`; a conversation that the
 * scope does not see is left out. One statement for all of them, whose rows have about `maxBytes`.
 */
export async function readTurns(
  executor: Executor,
  scope: Scope,
  conversationIds: readonly string[],
  filter: TurnFilter,
  page: Page,
  { pageBytes }: Pick<ByteBudget, "pageBytes">,
): Promise<Map<string, Slice<ListedTurn>>> {
  const isWhole = sql`${TURN_BYTES} <= ${wholeTurnBytes(pageBytes, conversationIds.length * (page.limit + 1))}`;
  const columns = { ...whereTrue(scope, isWhole), bytes: { sql: TURN_BYTES } };
  const source = pageSource(page, turnList(scope, filter, sql`'turn' AS kind, t.id, ${selectList(columns)}`));
  const found = await executor.read<FoundRow<ListedTurn> & { parentId: string }>(sql`
    SELECT c.id AS "parentId", side."hasBehind", page.* FROM ${conversations} c CROSS JOIN LATERAL ${source}
    WHERE ${isVisible(scope, "c")} AND c.id = ANY(${textArray(conversationIds)})`);
  const rows = Map.groupBy(found, (row) => row.parentId);
  return new Map([...rows].map(([id, ofConversation]) => [id, toSlice<ListedTurn>(page, ofConversation)]));
}

/** The columns of a turn, those that may be long only where the condition is true. */
export function whereTrue(scope: Scope, condition: SQL): Record<keyof typeof TURN_COLUMNS, { sql: SQL }> {
  const columns = Object.entries(turnColumns(scope)).map(([name, column]) => {
    return [name, mayBeLong(column) ? { sql: sql`CASE WHEN ${condition} THEN ${column.sql} END` } : column];
  });
  // Safe cast: the names are those of the columns.
  return Object.fromEntries(columns) as Record<keyof typeof TURN_COLUMNS, { sql: SQL }>;
}

/**
 * Pages that were read together as they are shown: held to `maxBytes` in all, and long turns with what did not come with
 * their list. One statement where there are such turns.
 */
export async function completeTurns(
  executor: Executor,
  scope: Scope,
  page: Page,
  pages: readonly Slice<ListedTurn>[],
  budget: ByteBudget,
): Promise<Slice<TurnRow>[]> {
  const kept = endByBytes<ListedTurn, Slice<ListedTurn>>(page, pages, budget.pageBytes);
  for (const { rows } of kept) for (const { bytes } of rows) budget.take(bytes);
  const long = kept.flatMap(({ rows }) => rows.flatMap(({ id, messages }) => (messages === null ? [id] : [])));
  const found = long.length === 0 ? new Map<string, TurnRow>() : await readWhole(executor, scope, long);
  // A turn that was deleted since it was listed is left out.
  const complete = ({ messages, ...turn }: ListedTurn): TurnRow[] => {
    const whole = messages === null ? found.get(turn.id) : { ...turn, messages };
    return whole === undefined ? [] : [whole];
  };
  return kept.map((slice) => ({ ...slice, rows: slice.rows.flatMap(complete) }));
}

async function readWhole(executor: Executor, scope: Scope, ids: readonly string[]): Promise<Map<string, TurnRow>> {
  const rows = await executor.read<TurnRow>(sql`
    SELECT 'turn' AS kind, t.id, ${selectList(turnColumns(scope))} FROM ${turns} t
    JOIN ${conversations} c ON c.id = t.conversation_id
    WHERE ${isVisible(scope, "c")} AND t.project_id = ${scope.projectId} AND t.id = ANY(${textArray(ids)})`);
  return new Map(rows.map((turn) => [turn.id, turn]));
}

/** How many turns of each of the conversations the filter lets through, by conversation id. One statement for all of them. */
export async function countTurns(
  executor: Executor,
  scope: Scope,
  conversationIds: readonly string[],
  filter: TurnFilter,
): Promise<Map<string, number>> {
  const counts = await executor.read<{ id: string; count: number }>(sql`
    SELECT c.id, ${turnCount(scope, filter)} AS count
    FROM ${conversations} c WHERE ${isVisible(scope, "c")} AND c.id = ANY(${textArray(conversationIds)})`);
  return new Map(counts.map(({ id, count }) => [id, count]));
}

/** Where the turn stands in its conversation. */
export function turnKey(row: TurnRow): Key {
  return [row.position];
}

/** The turns of the scope's conversation `c` that the filter lets through, by position; of each the columns. */
export function turnList(scope: Scope, filter: TurnFilter, columns: SQL): List {
  return { source: turnSource(scope, filter), columns, order: [sql`t.position`] };
}

/** An expression: how many turns of the scope's conversation `c` the filter lets through. */
export function turnCount(scope: Scope, filter: TurnFilter): SQL {
  return sql`(SELECT count(*)::integer ${turnSource(scope, filter)})`;
}

function turnSource({ projectId }: Scope, { role, state }: TurnFilter): SQL {
  const ofRole = role === undefined ? sql`` : sql` AND t.role = ${role}`;
  const inState = state === undefined ? sql`` : sql` AND t.state = ${state}`;
  return sql`FROM ${turns} t WHERE t.project_id = ${projectId} AND t.conversation_id = c.id${ofRole}${inState}`;
}
