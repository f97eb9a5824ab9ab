import { type SQL, sql } from "drizzle-orm";

import { badInput } from "../../model/errors.ts";
import { conversations } from "../tables/conversations.ts";
import { turns } from "../tables/turns.ts";

/** A word or a quoted phrase of a search, which a conversation has to hold, or must not. */
interface Term {
  text: string;
  excluded: boolean;
}

/** What a search asks for: alternatives, each of which is terms that must all be fulfilled. */
export type Search = readonly (readonly Term[])[];

const MAX_TERMS = 32;
// PostgreSQL takes a phrase apart by recursion: one of 30,000 words is more than its stack holds.
const MAX_CHARACTERS = 5_000;

/**
 * The terms of a search in web search syntax: words and "phrases" that must all occur, `or` between alternatives, `-`
 * before what must not occur. The outer list holds the alternatives. BAD_USER_INPUT for a text without a single word,
 * and for one that is too long.
 */
export function parseSearch(search: string): Search {
  if (search.length > MAX_CHARACTERS) {
    throw badInput("filter.search", `\`search\` may have up to ${MAX_CHARACTERS} characters.`);
  }
  const alternatives: Term[][] = [[]];
  for (const [, minus, phrase, word] of search.matchAll(/(-\s*)?(?:"([^"]*)"?|([^\s"]+))/g)) {
    if (minus === undefined && word?.toLowerCase() === "or") {
      alternatives.push([]);
      continue;
    }
    const text = phrase ?? word ?? "";
    // In the case that it came in: PostgreSQL folds both sides by one rule, which is not JavaScript's (a final Σ).
    if (/[\p{L}\p{N}]/u.test(text)) alternatives.at(-1)?.push({ text, excluded: minus !== undefined });
  }
  const found = alternatives.filter((terms) => terms.length > 0);
  if (found.length === 0) throw badInput("filter.search", "`search` must hold at least one word.");
  if (found.flat().length > MAX_TERMS) throw badInput("filter.search", `\`search\` may hold up to ${MAX_TERMS} words.`);
  return found;
}

/**
 * A subselect of the ids of the project's conversations that the search finds. Each term may occur in another turn of
 * the conversation; a phrase has to stand in one. Set operations, so that every term is one look into the text index.
 */
export function searchedConversations(projectId: string, alternatives: Search): SQL {
  return sql.join(
    alternatives.map((terms) => sql`(${allTerms(projectId, terms)})`),
    sql` UNION `,
  );
}

function allTerms(projectId: string, terms: readonly Term[]): SQL {
  const wanted = terms.filter((term) => !term.excluded).map((term) => sql`(${conversationsWith(projectId, term)})`);
  const excluded = terms
    .filter((term) => term.excluded)
    .map((term) => sql` EXCEPT (${conversationsWith(projectId, term)})`);
  const all = sql`(SELECT id AS conversation_id FROM ${conversations} WHERE project_id = ${projectId})`;
  return sql`(${wanted.length === 0 ? all : sql.join(wanted, sql` INTERSECT `)})${sql.join(excluded)}`;
}

function conversationsWith(projectId: string, term: Term): SQL {
  // In a SELECT of its own it is taken apart once, and not for every row, when PostgreSQL plans without the text.
  const query = sql`(SELECT phraseto_tsquery('simple', ${term.text}))`;
  // A turn in progress is not in the index (it changes with every streamed word); the few there are at a time are read.
  return sql`
    SELECT conversation_id FROM ${turns} WHERE project_id = ${projectId} AND state <> 'in-progress' AND words @@ ${query}
    UNION ALL
    SELECT conversation_id FROM ${turns} WHERE project_id = ${projectId} AND state = 'in-progress'
      AND to_tsvector('simple', left((
        SELECT string_agg(fragment ->> 'content', chr(10)) FROM json_array_elements(messages) AS fragment
      ), 100000)) @@ ${query}`;
}
