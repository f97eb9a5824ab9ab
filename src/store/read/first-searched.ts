import { type SQL, sql } from "drizzle-orm";

import type { Scope } from "../sql/scope.ts";
import { conversationHeads, conversations } from "../tables/conversations.ts";
import { turnChunks } from "../tables/turn-chunks.ts";
import { turns } from "../tables/turns.ts";
import { foundConversations, type Search, type Term, tsquery, unfinishedTurns } from "./search.ts";

/** How many conversations of a list are looked at one after the other, at most, and how many first, as a sample of those. */
export const WALKED = 2_000;
export const SAMPLED = 200;
/** How many turns the sample may have. */
export const SAMPLED_TURNS = 10_000;

/**
 * A subselect of the ids of the conversations that the search finds among the first of a list, up to `wanted` of them.
 * `first` is a SELECT of the ids that the list begins with, in its order, up to so many; null for all.
 *
 * The index gives all conversations with a word, or none. So the list is walked where the word is frequent: a sample has to
 * find enough of it for the walk to find what is wanted. Else, and where the walk ends early, the index is asked. A user's
 * list is always walked: what the index costs would reveal how often others say a word.
 */
export function firstSearched(scope: Scope, search: Search, first: (count: number | null) => SQL, wanted: number): SQL {
  const isFound = holds(scope, search);
  const unfinished = sql`unfinished AS MATERIALIZED (${unfinishedTurns(scope)})`;
  const walk = sql`SELECT c.id FROM first AS c WHERE ${isFound}`;
  if (scope.isolationKey !== null) {
    return sql`WITH ${unfinished}, first (id) AS MATERIALIZED (${first(null)}) ${walk} LIMIT ${wanted}`;
  }
  const enough = Math.ceil((wanted * SAMPLED) / WALKED);
  // PostgreSQL reads a materialized CTE in its order, as far as it is needed, and runs a branch with a false constant not at all.
  return sql`
    WITH ${unfinished}, first (id) AS MATERIALIZED (${first(WALKED)}),
    sample AS MATERIALIZED (SELECT id FROM first LIMIT ${SAMPLED}),
    way AS MATERIALIZED (
      SELECT (
        SELECT coalesce(sum(h.turn_count), 0) <= ${SAMPLED_TURNS} FROM ${conversationHeads} h
        WHERE h.project_id = ${scope.projectId} AND h.conversation_id = ANY(ARRAY(SELECT id FROM sample))
      ) AND (
        (SELECT count(*) FROM (SELECT 1 AS hit FROM sample AS c WHERE ${isFound} LIMIT ${enough}) AS hits) = ${enough}
        OR (SELECT count(*) FROM (SELECT id FROM first LIMIT ${SAMPLED + 1}) AS ids) <= ${SAMPLED}
      ) AS walks
    ),
    walked AS MATERIALIZED (${walk} AND (SELECT walks FROM way) LIMIT ${wanted}),
    verdict AS MATERIALIZED (
      SELECT (SELECT walks FROM way)
        AND ((SELECT count(*) FROM walked) = ${wanted} OR (SELECT count(*) FROM first) < ${WALKED}) AS complete
    )
    SELECT id FROM walked WHERE (SELECT complete FROM verdict)
    UNION ALL
    SELECT conversation_id FROM (${foundConversations(scope, search)}) AS everywhere
    WHERE NOT (SELECT complete FROM verdict)`;
}

/** An expression: whether the search finds the conversation `c`, where `unfinished` are the turns in progress. Reads its turns. */
export function holds({ projectId }: Scope, search: Search): SQL {
  const occurs = (term: Term) =>
    sql`${term.excluded ? sql`NOT ` : sql``}coalesce(bool_or(said.words @@ ${tsquery(term)}), false)`;
  const alternatives = search.map((terms) => sql`(${sql.join(terms.map(occurs), sql` AND `)})`);
  return sql`(SELECT ${sql.join(alternatives, sql` OR `)} FROM (
    SELECT t.words FROM ${turns} t WHERE t.project_id = ${projectId} AND t.conversation_id = c.id
    UNION ALL
    SELECT k.words FROM ${turnChunks} k
    WHERE k.project_id = ${projectId} AND k.conversation_id = c.id AND k.words IS NOT NULL
    UNION ALL SELECT u.words FROM unfinished u WHERE u.conversation_id = c.id
    UNION ALL SELECT titled.title_words FROM ${conversations} titled WHERE titled.project_id = ${projectId} AND titled.id = c.id
  ) AS said)`;
}
