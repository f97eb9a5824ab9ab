import { type SQL, sql } from "drizzle-orm";
import { indexedFunction, type TurnState } from "../../model/message-fragment.ts";
import type { Slice } from "../../relay/connection.ts";
import type { Key, Ordering } from "../../relay/ordering.ts";
import type { Page } from "../../relay/page.ts";
import type { Executor } from "../database/executor.ts";
import { withCustomPlan } from "../database/send.ts";
import { columnsOf, type RowOf } from "../sql/entity-columns.ts";
import { type FoundRow, isCountedOut, type List, pageSource, toSlice } from "../sql/keyset.ts";
import { instant, json } from "../sql/parameters.ts";
import { isVisible, type Scope } from "../sql/scope.ts";
import { selectList } from "../sql/select-list.ts";
import { conversationHeads, conversations } from "../tables/conversations.ts";
import { turns } from "../tables/turns.ts";
import { type CountedList, keyAtOffset, totalOf } from "./conversation-counts.ts";
import { firstSearched, holds } from "./first-searched.ts";
import { type Search, searchedConversations } from "./search.ts";

/**
 * What is read of a conversation beside its id, where `c` is conversations and `h` its head. Every statement, row and raw
 * row of conversations follows from this table.
 */
export const CONVERSATION_COLUMNS = {
  ...columnsOf("c", conversations, {
    isolationKey: "text",
    createdAt: "instant",
    agentName: "text",
    agentVersion: "text",
    metadata: "json",
    forkedFromId: "id",
    forkedTurnId: "id",
  }),
  ...columnsOf("h", conversationHeads, { updatedAt: "instant", revision: "integer", turnCount: "integer" }),
};

/** A conversation as it is read, without its turns. */
export interface ConversationRow extends RowOf<typeof CONVERSATION_COLUMNS> {
  kind: "conversation";
  id: string;
}

/** Which conversations of the scope are wanted: all that fulfil every condition given. */
export interface ConversationFilter {
  /** The isolation key that they are stored under: see `withUser`. */
  user?: string | undefined;
  /** Every name that was asked for; two different ones let nothing through. */
  agentNames?: readonly string[] | undefined;
  agentVersion?: string | undefined;
  metadata?: readonly { key: string; value: string }[] | undefined;
  createdFrom?: Date | undefined;
  createdBefore?: Date | undefined;
  updatedFrom?: Date | undefined;
  updatedBefore?: Date | undefined;
  search?: Search | undefined;
  calledFunction?: string | undefined;
  turnState?: TurnState | undefined;
}

/**
 * The FROM item of the project's conversations `c`, with `h` where it is needed: the heads are half of what a short list costs.
 * `c` is left to the statement's WHERE.
 */
export function conversationTables({ projectId }: Pick<Scope, "projectId">, withHead = true): SQL {
  const head = sql` JOIN ${conversationHeads} h ON h.project_id = ${projectId} AND h.conversation_id = c.id`;
  return sql`${conversations} c${withHead ? head : sql``}`;
}

/**
 * What is read where the filter names a user: the project's scope becomes that user's, whose indexes and counts there are. In
 * the scope of another user the name stays a condition that nothing fulfils.
 */
export function withUser(scope: Scope, filter: ConversationFilter): { scope: Scope; filter: ConversationFilter } {
  const { user, ...others } = filter;
  if (user === undefined || (scope.isolationKey ?? user) !== user) return { scope, filter };
  return { scope: { ...scope, isolationKey: user }, filter: others };
}

/** A page of the scope's conversations. One statement, whatever the page's size. */
export async function readConversations(
  executor: Executor,
  callerScope: Scope,
  given: ConversationFilter,
  page: Page,
): Promise<Slice<ConversationRow>> {
  const { scope, filter } = withUser(callerScope, given);
  const list = conversationList(
    scope,
    filter,
    page,
    sql`'conversation' AS kind, c.id, ${selectList(CONVERSATION_COLUMNS)}`,
  );
  const statement = withListPlan(sql`SELECT * FROM ${pageSource(page, list)}`, filter, isCountedOut(page, list));
  return toSlice(page, await executor.read<FoundRow<ConversationRow>>(statement));
}

/** How many of the scope's conversations the filter lets through. One statement. */
export async function countConversations(
  executor: Executor,
  callerScope: Scope,
  given: ConversationFilter,
): Promise<number> {
  const { scope, filter } = withUser(callerScope, given);
  const statement = withListPlan(sql`SELECT ${conversationTotal(scope, filter)} AS count`, filter);
  const [row] = await executor.read<{ count: number }>(statement);
  return row?.count ?? 0;
}

/**
 * A scalar subselect of that number. It reads all that it counts unless the scope, or an agent of the project, and a span of
 * time are all that is asked for.
 */
function conversationTotal(scope: Scope, filter: ConversationFilter): SQL {
  const { createdFrom, createdBefore, ...others } = filter;
  const counted = countedList(scope, others);
  if (counted !== null) return totalOf(counted, matches(scope, others), { createdFrom, createdBefore });
  return sql`(SELECT count(*)::integer FROM ${conversationTables(scope)} WHERE ${matches(scope, filter)})`;
}

/** The statement, with a custom plan where the filter, or an offset to be counted out, makes the generic one a bad one. */
export function withListPlan(
  statement: SQL,
  { metadata, search, calledFunction, turnState }: ConversationFilter,
  countedOut = false,
): SQL {
  const needsValues = [metadata, search, calledFunction, turnState].some((condition) => condition !== undefined);
  return needsValues || countedOut ? withCustomPlan(statement) : statement;
}

/** Where the row stands in a list of this order. */
export function conversationKey(ordering: Ordering, row: ConversationRow): Key {
  return [(ordering.field === "UPDATED_AT" ? row.updatedAt : row.createdAt).getTime(), row.id];
}

/** The columns that order conversations, leading first. */
export function conversationOrder({ field }: Ordering): [instant: SQL, id: SQL] {
  return field === "UPDATED_AT" ? [sql`h.updated_at`, sql`h.conversation_id`] : [sql`c.created_at`, sql`c.id`];
}

/**
 * The scope's conversations that the filter lets through, in the page's order; of each the columns, which may be of `h`
 * only where that is said.
 */
export function conversationList(
  scope: Scope,
  filter: ConversationFilter,
  page: Page,
  columns: SQL,
  needsHead = true,
): List {
  const byUpdate = page.ordering.field === "UPDATED_AT";
  const withHead = needsHead || byUpdate || filter.updatedFrom !== undefined || filter.updatedBefore !== undefined;
  // The index of either order is led by project and user, so the scope has to be said of the table that leads.
  const leading = byUpdate ? sql`${isVisible(scope, "h")} AND ` : sql``;
  const { search, ...others } = filter;
  return {
    source: sql`FROM ${conversationTables(scope, withHead)} WHERE ${leading}${matches(scope, others)}`,
    columns,
    order: conversationOrder(page.ordering),
    start: byUpdate ? undefined : startOf(scope, filter, page),
    search: search && ((first, wanted) => sql`ARRAY(${firstSearched(scope, search, first, wanted)})`),
  };
}

function startOf(scope: Scope, filter: ConversationFilter, page: Page): SQL | undefined {
  const counted = page.offset === 0 ? null : countedList(scope, filter);
  if (counted === null) return undefined;
  return keyAtOffset(counted, matches(scope, filter), page.ordering.direction, page.offset);
}

/** The list as one that is counted; null when the filter has a condition that counts are not kept for. */
function countedList(scope: Scope, filter: ConversationFilter): CountedList | null {
  const { agentNames = [], agentVersion = null, ...others } = filter;
  const [agentName = null, ...otherNames] = new Set(agentNames);
  // No agent has an empty name or version; counts of every one stand under it.
  const isNobody = otherNames.length > 0 || agentName === "" || agentVersion === "";
  const isCounted = !isNobody && (agentName !== null ? scope.isolationKey === null : agentVersion === null);
  return isCounted && conditions(scope, others).length === 0 ? { scope, agentName, agentVersion } : null;
}

/** The condition on conversations `c`, and `h` where the filter is about updates. */
export function matches(scope: Scope, filter: ConversationFilter): SQL {
  return sql.join([isVisible(scope, "c"), ...conditions(scope, filter)], sql` AND `);
}

/**
 * An expression: whether the filter lets the conversation `c` with its head `h` through, where `unfinished` are turns in
 * progress. For a few conversations that are known: it reads their turns.
 */
export function fitsFilter(scope: Scope, filter: ConversationFilter): SQL {
  const ofTurns = (condition: SQL): SQL => sql`EXISTS (
    SELECT 1 FROM ${turns} WHERE project_id = ${scope.projectId} AND conversation_id = c.id AND ${condition})`;
  const found = conditions(scope, filter, { ofTurns, searched: (search) => holds(scope, search) });
  return sql`(${sql.join([sql`true`, ...found], sql` AND `)})`;
}

/** The conditions of the filter that a conversation meets for good, or never. */
export function fixedPart({
  agentNames,
  agentVersion,
  user,
  createdFrom,
  createdBefore,
}: ConversationFilter): ConversationFilter {
  return { agentNames, agentVersion, user, createdFrom, createdBefore };
}

/** How the conditions on turns and words are asked of a conversation `c`. */
interface TurnConditions {
  ofTurns(condition: SQL): SQL;
  searched(search: Search): SQL;
}

/** As lists ask: the indexes of turns give the conversations. */
function byIndexes(scope: Scope): TurnConditions {
  return {
    ofTurns: (condition) =>
      sql`c.id IN (SELECT conversation_id FROM ${turns} WHERE project_id = ${scope.projectId} AND ${condition})`,
    searched: (search) => sql`c.id IN (${searchedConversations(scope, search)})`,
  };
}

function conditions(scope: Scope, filter: ConversationFilter, { ofTurns, searched } = byIndexes(scope)): SQL[] {
  const { agentNames, agentVersion, search, calledFunction, turnState } = filter;
  // A user's list is read from the user's own index: that of an agent, which `|| ''` keeps away, has all other users' too.
  const ofAgent = scope.isolationKey === null ? sql`` : sql` || ''`;
  return [
    filter.user !== undefined && sql`c.isolation_key = ${filter.user}`,
    ...(agentNames ?? []).map((name) => sql`c.agent_name${ofAgent} = ${name}`),
    agentVersion !== undefined && sql`c.agent_version${ofAgent} = ${agentVersion}`,
    ...(filter.metadata ?? []).map(
      ({ key, value }) => sql`c.metadata::jsonb @> ${json(Object.fromEntries([[key, value]]))}::jsonb`,
    ),
    filter.createdFrom && sql`c.created_at >= ${instant(filter.createdFrom)}`,
    filter.createdBefore && sql`c.created_at < ${instant(filter.createdBefore)}`,
    filter.updatedFrom && sql`h.updated_at >= ${instant(filter.updatedFrom)}`,
    filter.updatedBefore && sql`h.updated_at < ${instant(filter.updatedBefore)}`,
    search !== undefined && searched(search),
    calledFunction !== undefined && ofTurns(sql`called_functions @> ARRAY[${indexedFunction(calledFunction)}::text]`),
    turnState !== undefined && ofTurns(sql`state = ${turnState}`),
  ].filter((condition) => condition !== false && condition !== undefined);
}
