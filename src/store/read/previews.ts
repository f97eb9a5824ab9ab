import { sql } from "drizzle-orm";

import type { Executor } from "../database/executor.ts";
import type { EntityColumn } from "../sql/entity-columns.ts";
import { textArray } from "../sql/parameters.ts";
import { isVisible, type Scope } from "../sql/scope.ts";
import { conversations } from "../tables/conversations.ts";
import { turns } from "../tables/turns.ts";
import { turnColumns } from "./turns.ts";

/** The most characters of a preview. */
export const MAX_PREVIEW_CHARACTERS = 1000;
/** How much of each text a preview looks at: enough for the longest one, unless most of it is space. */
export const PREVIEWED_CHARACTERS = 4000;

// What breaks or fills a line, whatever the database's locale takes for space.
const SPACES = sql.raw(String.raw`'[\s\u0001-\u001f\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+'`);
const LEADING = sql.raw(
  String.raw`'^[\s\u0001-\u001f\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+'`,
);

/**
 * The longest preview of the conversation `c` as a column: the beginning of its newest turn that has text, on one line; null
 * without any. Turns without words are passed over unread.
 */
export function previewColumn(scope: Pick<Scope, "projectId">): EntityColumn<string | null> {
  const line = sql`btrim(regexp_replace(left(regexp_replace(fragment ->> 'content', ${LEADING}, ''), ${sql.raw(String(PREVIEWED_CHARACTERS))}), ${SPACES}, ' ', 'g'))`;
  const preview = sql`(
    SELECT said.line FROM ${turns} t CROSS JOIN LATERAL (
      SELECT left(string_agg(line, ' ' ORDER BY place), ${sql.raw(String(MAX_PREVIEW_CHARACTERS))}) AS line FROM (
        SELECT ${line} AS line, place FROM json_array_elements(${turnColumns(scope).messages.sql}) WITH ORDINALITY AS fragments (fragment, place)
        WHERE fragment ->> 'kind' = 'text'
      ) AS lines WHERE line <> ''
    ) AS said
    WHERE t.project_id = ${scope.projectId} AND t.conversation_id = c.id AND (t.words IS NOT NULL OR t.state = 'in-progress')
      AND said.line IS NOT NULL
    ORDER BY t.position DESC LIMIT 1
  )`;
  return { alias: "c", sql: preview, form: "text", nullable: true };
}

/** The longest preview of each of the conversations, by id; a conversation that the scope does not see is left out. One statement. */
export async function readPreviews(
  executor: Executor,
  scope: Scope,
  conversationIds: readonly string[],
): Promise<Map<string, string | null>> {
  const rows = await executor.read<{ id: string; preview: string | null }>(sql`
    SELECT c.id, ${previewColumn(scope).sql} AS preview FROM ${conversations} c
    WHERE ${isVisible(scope, "c")} AND c.id = ANY(${textArray(conversationIds)})`);
  return new Map(rows.map(({ id, preview }) => [id, preview]));
}

/** The preview's first so many characters, which are code points. */
export function cutPreview(longest: string, length: number): string {
  return [...longest].slice(0, length).join("").trimEnd();
}
