import { type SQL, sql } from "drizzle-orm";

import type { Slice } from "../../relay/connection.ts";
import type { Key, Ordering } from "../../relay/ordering.ts";
import type { Page } from "../../relay/page.ts";
import type { Executor } from "../database/executor.ts";
import { toMilliseconds } from "../sql/instants.ts";
import { cutSlice } from "../sql/keyset.ts";
import { instant } from "../sql/parameters.ts";
import type { Scope } from "../sql/scope.ts";
import { selectList } from "../sql/select-list.ts";
import { TURN_BYTES, wholeTurnBytes } from "../sql/turn-bytes.ts";
import { conversationHeads } from "../tables/conversations.ts";
import { turnChunks } from "../tables/turn-chunks.ts";
import { turns } from "../tables/turns.ts";
import type { ByteBudget } from "./byte-budget.ts";
import { type ConversationFilter, conversationTables, matches, withListPlan, withUser } from "./conversations.ts";
import { SAMPLED, SAMPLED_TURNS, WALKED } from "./first-searched.ts";
import { type Search, type Term, tsquery, unfinishedTurns } from "./search.ts";
import { completeTurns, type ListedTurn, type TurnRow, whereTrue } from "./turns.ts";

/** The order of hits: that of the list of conversations, newest first, and of each its turns by position. */
export const HIT_ORDER: Ordering = { field: "HIT", direction: "DESC" };

/** A turn that a search finds. */
export interface TurnHit extends TurnRow {
  /** When its conversation was created. */
  listedAt: Date;
}

/** Where the hit stands among all. */
export function hitKey({ listedAt, conversationId, position }: TurnHit): Key {
  return [listedAt.getTime(), conversationId, position];
}

/**
 * A page of the turns that fulfil the search by themselves, of the scope's conversations that the filter lets through. One
 * statement, and another one where there are long turns.
 */
export async function searchTurns(
  executor: Executor,
  callersScope: Scope,
  search: Search,
  callersFilter: ConversationFilter,
  page: Page,
  budget: ByteBudget,
): Promise<Slice<TurnHit>> {
  const { scope, filter } = withUser(callersScope, callersFilter);
  const isWhole = sql`${TURN_BYTES} <= ${wholeTurnBytes(budget.pageBytes, page.limit + 1)}`;
  const columns = { ...whereTrue(scope, isWhole), bytes: { sql: TURN_BYTES } };
  const found = await executor.read<ListedTurn & { listedAt: Date }>(
    withListPlan(
      sql`
    WITH ${firstHits(scope, search, filter, page)}
    SELECT 'turn' AS kind, t.id, ${selectList(columns)}, ${toMilliseconds(sql`hits.listed_at`)} AS "listedAt"
    FROM hits JOIN ${turns} t ON t.project_id = ${scope.projectId} AND t.id = hits.id
    ORDER BY hits.listed_at DESC, hits.conversation_id DESC, hits.position`,
      filter,
    ),
  );
  const listed = cutSlice(page, found, page.after !== null);
  const [complete] = await completeTurns(executor, scope, page, [listed], budget);
  const instants = new Map(found.map(({ id, listedAt }) => [id, listedAt]));
  // Each row of the complete page is one of those that were found.
  const toHit = (turn: TurnRow): TurnHit => ({ ...turn, listedAt: instants.get(turn.id) ?? new Date(0) });
  return { ...listed, ...complete, rows: (complete?.rows ?? []).map(toHit) };
}

/**
 * The CTE `hits` with the hits of the page and one more, after what it needs. As `firstSearched`: the list is walked where the
 * words are frequent, which a sample says; else the index gives all conversations with hits, and the nearest of them are walked. An
 * array of them: PostgreSQL would join by walking the whole list. A user's list is always walked.
 */
function firstHits(scope: Scope, search: Search, filter: ConversationFilter, page: Page): SQL {
  const { projectId, isolationKey } = scope;
  const wanted = page.limit + 1;
  const withHead = filter.updatedFrom !== undefined || filter.updatedBefore !== undefined;
  const ofList = sql`FROM ${conversationTables(scope, withHead)} WHERE ${matches(scope, filter)}${notBefore(page)}`;
  const first = (among: SQL, count: number | null) => sql`
    SELECT c.id, c.created_at AS listed_at ${ofList}${among} ORDER BY c.created_at DESC, c.id DESC${count === null ? sql`` : sql` LIMIT ${count}`}`;
  const walk = (from: SQL) => sql`
    SELECT hit.id, c.listed_at, c.id AS conversation_id, hit.position FROM ${from} AS c CROSS JOIN LATERAL (
      ${hitsOfConversation(projectId, search)} ORDER BY position
    ) AS hit WHERE ${behind(page, sql`c.id`, sql`hit.position`)}`;
  const unfinished = sql`unfinished AS MATERIALIZED (${unfinishedTurns(scope)})`;
  if (isolationKey !== null) {
    return sql`${unfinished}, first AS MATERIALIZED (${first(sql``, null)}), hits AS MATERIALIZED (${walk(sql`first`)} LIMIT ${wanted})`;
  }
  const enough = Math.ceil((wanted * SAMPLED) / WALKED);
  return sql`${unfinished}, first AS MATERIALIZED (${first(sql``, WALKED)}),
    sample AS MATERIALIZED (SELECT * FROM first LIMIT ${SAMPLED}),
    way AS MATERIALIZED (
      SELECT (
        SELECT coalesce(sum(h.turn_count), 0) <= ${SAMPLED_TURNS} FROM ${conversationHeads} h
        WHERE h.project_id = ${projectId} AND h.conversation_id = ANY(ARRAY(SELECT id FROM sample))
      ) AND (
        (SELECT count(*) FROM (${walk(sql`sample`)} LIMIT ${enough}) AS found) = ${enough}
        OR (SELECT count(*) FROM (SELECT id FROM first LIMIT ${SAMPLED + 1}) AS ids) <= ${SAMPLED}
      ) AS walks
    ),
    walked AS MATERIALIZED (${walk(sql`first`)} AND (SELECT walks FROM way) LIMIT ${wanted}),
    verdict AS MATERIALIZED (
      SELECT (SELECT walks FROM way)
        AND ((SELECT count(*) FROM walked) = ${wanted} OR (SELECT count(*) FROM first) < ${WALKED}) AS complete
    ),
    nearest AS MATERIALIZED (
      ${first(sql` AND NOT (SELECT complete FROM verdict) AND c.id = ANY(ARRAY(${conversationsWithHits(projectId, search)}))`, wanted + 1)}
    ),
    hits AS MATERIALIZED (
      SELECT * FROM walked WHERE (SELECT complete FROM verdict) UNION ALL (${walk(sql`nearest`)} LIMIT ${wanted})
    )`;
}

/** A SELECT of the turns of the conversation `c` that fulfil the search, where `unfinished` are those in progress. */
function hitsOfConversation(projectId: string, search: Search): SQL {
  return sql`
    SELECT t.id, t.conversation_id, t.position FROM ${turns} t
    WHERE t.project_id = ${projectId} AND t.state <> 'in-progress' AND t.conversation_id = c.id
      AND CASE WHEN t.items_after IS NULL THEN ${fulfils(search)} ELSE ${fulfilsWithAdded(projectId, search)} END
    UNION ALL
    SELECT t.id, t.conversation_id, t.position FROM unfinished t WHERE t.conversation_id = c.id AND ${fulfils(search)}`;
}

/**
 * A SELECT of the ids of the conversations of all turns that fulfil the search, where `unfinished` are those in progress. The index
 * of turns gives those that do without the words that items added, and the index of these words those that may do with them.
 */
function conversationsWithHits(projectId: string, search: Search): SQL {
  const added = sql`SELECT k.turn_id FROM ${turnChunks} k WHERE k.project_id = ${projectId} AND k.words IS NOT NULL AND ${mayMatter(search)}`;
  return sql`
    SELECT t.conversation_id FROM ${turns} t
    WHERE t.project_id = ${projectId} AND t.state <> 'in-progress' AND ${fulfils(search)}
      AND CASE WHEN t.items_after IS NULL THEN true ELSE ${fulfilsWithAdded(projectId, search)} END
    UNION ALL
    SELECT t.conversation_id FROM ${turns} t
    WHERE t.project_id = ${projectId} AND t.items_after IS NOT NULL AND t.id IN (${added})
      AND ${fulfilsWithAdded(projectId, search)}
    UNION ALL SELECT t.conversation_id FROM unfinished t WHERE ${fulfils(search)}`;
}

/** An expression: whether a turn may fulfil the search for the words of its chunk `k`. */
function mayMatter(search: Search): SQL {
  if (search.some((terms) => terms.every((term) => term.excluded))) return sql`true`;
  const wanted = search.flat().filter((term) => !term.excluded);
  const each = wanted.map((term) => sql`k.words @@ ${tsquery(term)}`);
  return sql`(${sql.join(each, sql` OR `)})`;
}

/** An expression: whether the words of `t` fulfil the search by themselves. */
function fulfils(search: Search): SQL {
  return combine(search, (term) => sql`t.words @@ ${tsquery(term)}`);
}

/** The same with the words that items added to the turn, each term in what one call added. */
function fulfilsWithAdded(projectId: string, search: Search): SQL {
  return combine(
    search,
    (term) => sql`(SELECT bool_or(said.words @@ ${tsquery(term)}) FROM (
      SELECT t.words UNION ALL
      SELECT k.words FROM ${turnChunks} k WHERE k.project_id = ${projectId} AND k.turn_id = t.id AND k.words IS NOT NULL
    ) AS said)`,
  );
}

function combine(search: Search, occurs: (term: Term) => SQL): SQL {
  const alternatives = search.map((terms) => {
    const each = terms.map((term) => sql`${term.excluded ? sql`NOT ` : sql``}${occurs(term)}`);
    return sql`(${sql.join(each, sql` AND `)})`;
  });
  return sql`(${sql.join(alternatives, sql` OR `)})`;
}

/** Keeps to the cursor's conversation and what follows it in the list. */
function notBefore({ after }: Page): SQL {
  if (after === null || after.length === 1) return sql``;
  return sql` AND (c.created_at, c.id) <= (${instant(after[0])}, ${after[1]}::text)`;
}

/** Keeps, of the cursor's conversation, to what follows the cursor. */
function behind({ after }: Page, id: SQL, position: SQL): SQL {
  if (after?.length !== 3) return sql`true`;
  return sql`(${id} <> ${after[1]} OR ${position} > ${after[2]})`;
}
