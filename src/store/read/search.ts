import { type SQL, sql } from "drizzle-orm";

import { badInput } from "../../model/errors.ts";
import { isVisible, type Scope } from "../sql/scope.ts";
import { TURN_BYTES } from "../sql/turn-bytes.ts";
import { conversationHeads, conversations } from "../tables/conversations.ts";
import { turnChunks } from "../tables/turn-chunks.ts";
import { turns } from "../tables/turns.ts";
import { currentMessages } from "./open-text.ts";

/** A word or a quoted phrase of a search, which a conversation has to hold, or must not. */
export interface Term {
  text: string;
  excluded: boolean;
  /** Whether its last word stands for all words that begin with it. */
  isBeginning: boolean;
}

/** What a search asks for: alternatives, each of which is terms that must all be fulfilled. */
export type Search = readonly (readonly Term[])[];

const MAX_TERMS = 32;
// PostgreSQL takes a phrase apart by recursion: one of 30,000 words is more than its stack holds.
const MAX_CHARACTERS = 5_000;

/** How many turns in progress a search reads, the newest of those that it may; how long one may be; how much of it counts. */
export const UNFINISHED_TURNS = 50;
export const UNFINISHED_BYTES = 100_000;
export const UNFINISHED_CHARACTERS = 5_000;

/**
 * The terms of a search in web search syntax: words and "phrases" that must all occur, `or` between alternatives, `-`
 * before what must not occur. The last word is a beginning too, unless it is quoted or excluded. The outer list holds the
 * alternatives. BAD_USER_INPUT for a text without a single word, and for one that is too long.
 */
export function parseSearch(search: string, argument = "filter.search"): Search {
  if (search.length > MAX_CHARACTERS) {
    throw badInput(argument, `\`search\` may have up to ${MAX_CHARACTERS} characters.`);
  }
  const alternatives: Term[][] = [[]];
  for (const [, minus, phrase, word] of search.matchAll(/(-\s*)?(?:"([^"]*)"?|([^\s"]+))/g)) {
    if (minus === undefined && word?.toLowerCase() === "or") {
      alternatives.push([]);
      continue;
    }
    const text = phrase ?? word ?? "";
    // In the case that it came in: PostgreSQL folds both sides by one rule, which is not JavaScript's (a final Σ).
    if (!/[\p{L}\p{N}]/u.test(text)) continue;
    const excluded = minus !== undefined;
    alternatives.at(-1)?.push({ text, excluded, isBeginning: phrase === undefined && !excluded });
  }
  const found = alternatives.filter((terms) => terms.length > 0);
  if (found.length === 0) throw badInput(argument, "`search` must hold at least one word.");
  if (found.flat().length > MAX_TERMS) throw badInput(argument, `\`search\` may hold up to ${MAX_TERMS} words.`);
  // The caller may be typing the last one.
  for (const term of found.flat().slice(0, -1)) term.isBeginning = false;
  return found;
}

/**
 * A subselect of the ids of the conversations that the search finds among those that the scope sees. Each term may occur in
 * another turn of the conversation; a phrase has to stand in one. Set operations, so that for a project every term is one
 * look into the text index. For a user it reads the turns of that user alone: the cost of the index would reveal how often
 * others say a word.
 */
export function searchedConversations(scope: Scope, search: Search): SQL {
  return sql`WITH unfinished AS MATERIALIZED (${unfinishedTurns(scope)}) ${foundConversations(scope, search)}`;
}

/** The same, where `unfinished` are the turns in progress. */
export function foundConversations(scope: Scope, search: Search): SQL {
  return sql.join(
    search.map((terms) => sql`(${allTerms(scope, terms)})`),
    sql` UNION `,
  );
}

function allTerms(scope: Scope, terms: readonly Term[]): SQL {
  const wanted = terms.filter((term) => !term.excluded).map((term) => sql`(${conversationsWith(scope, term)})`);
  const excluded = terms
    .filter((term) => term.excluded)
    .map((term) => sql` EXCEPT (${conversationsWith(scope, term)})`);
  const all = sql`(SELECT c.id AS conversation_id FROM ${conversations} c WHERE ${isVisible(scope, "c")})`;
  return sql`(${wanted.length === 0 ? all : sql.join(wanted, sql` INTERSECT `)})${sql.join(excluded)}`;
}

function conversationsWith(scope: Scope, term: Term): SQL {
  const query = tsquery(term);
  return sql`
    SELECT t.conversation_id FROM ${turnsOf(scope, sql`t.state <> 'in-progress'`)} AND t.words @@ ${query}
    UNION ALL
    SELECT k.conversation_id FROM ${addedWords(scope)} AND k.words @@ ${query}
    UNION ALL
    SELECT conversation_id FROM unfinished WHERE words @@ ${query}
    UNION ALL
    SELECT c.id FROM ${conversations} c WHERE ${isVisible(scope, "c")} AND ${titlesOf(scope)} @@ ${query}`;
}

/** The words of the title of `c`: for a user not from the index, whose cost would reveal how often others have a word in theirs. */
function titlesOf({ isolationKey }: Scope): SQL {
  return isolationKey === null ? sql`c.title_words IS NOT NULL AND c.title_words` : sql`coalesce(c.title_words, '')`;
}

/** An expression: the term as a query. In a SELECT of its own: PostgreSQL's generic plan would parse the text for every row. */
export function tsquery({ text, isBeginning }: Term): SQL {
  return sql`(SELECT search_query(${text}, ${isBeginning}))`;
}

/** An expression: what the text fragments of the messages say. */
export function saidIn(messages: SQL): SQL {
  return sql`(SELECT string_agg(fragment ->> 'content', chr(10)) FROM json_array_elements(${messages}) AS fragments (fragment))`;
}

/**
 * Turns in progress with their words, those that the condition on `t` lets through. They are not in the index, as they change
 * with every streamed word, and are read.
 */
export function unfinishedTurns(scope: Scope, among = sql`true`): SQL {
  const short = sql`t.state = 'in-progress' AND ${TURN_BYTES} <= ${UNFINISHED_BYTES} AND ${among}`;
  return sql`
    SELECT id, conversation_id, position, search_words(left(${saidIn(sql`messages`)}, ${UNFINISHED_CHARACTERS})) AS words
    FROM (
      SELECT t.id, t.conversation_id, t.position, ${currentMessages(scope.projectId)} AS messages FROM ${turnsOf(scope, short)}
      ORDER BY t.timestamp DESC, t.id DESC LIMIT ${UNFINISHED_TURNS}
    ) AS newest`;
}

/** What follows FROM to read the words `k` that the scope's turns gained with items since they were last written as a whole. */
function addedWords(scope: Scope): SQL {
  const { projectId, isolationKey } = scope;
  const ofItems = sql`k.project_id = ${projectId} AND k.words IS NOT NULL`;
  if (isolationKey === null) return sql`${turnChunks} k WHERE ${ofItems}`;
  // OFFSET 0 as below.
  return sql`${conversationHeads} h CROSS JOIN LATERAL (
    SELECT k.* FROM ${turnChunks} k WHERE ${ofItems} AND k.conversation_id = h.conversation_id OFFSET 0
  ) AS k WHERE ${isVisible(scope, "h")}`;
}

/** What follows FROM to read the turns `t` that the scope sees and the condition lets through; further ones follow on AND. */
function turnsOf(scope: Scope, condition: SQL): SQL {
  const { projectId, isolationKey } = scope;
  if (isolationKey === null) return sql`${turns} t WHERE t.project_id = ${projectId} AND ${condition}`;
  // OFFSET 0 keeps PostgreSQL from merging it with the outer query, which might begin with the turns of the whole project.
  return sql`${conversationHeads} h CROSS JOIN LATERAL (
    SELECT t.* FROM ${turns} t WHERE t.project_id = ${projectId} AND t.conversation_id = h.conversation_id AND ${condition} OFFSET 0
  ) AS t WHERE ${isVisible(scope, "h")}`;
}
