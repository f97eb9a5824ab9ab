import { sql } from "drizzle-orm";
import { check, foreignKey, index, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";

import { identifier, tsvector } from "./columns.ts";
import { turns } from "./turns.ts";

// No quote, and no control character but as an escape.
const JSON_TEXT = sql.raw(String.raw`'^([^"\\\u0001-\u001F]|\\(["\\/bfnrt]|u[0-9A-Fa-f]{4}))*$'`);

/**
 * The text that was appended to turns in progress, a row for each append. What follows `turns.chunks_after` is not in the
 * turn's messages yet. What comes before it is kept for watchers, who are told what was added since they last read; the rows
 * of a turn are a chain of appends without any other change between them. None is left once the turn ends.
 *
 * And the fragments of items that joined a turn, a row for each call: what follows `turns.items_after` is not in the turn's
 * messages yet. None is left once the next turn of items begins.
 */
export const turnChunks = pgTable(
  "turn_chunks",
  {
    projectId: identifier("project_id").notNull(),
    turnId: identifier("turn_id").notNull(),
    /** The turn's revision with this text. */
    revision: integer().notNull(),
    /** The turn's revision before it. */
    previousRevision: integer("previous_revision").notNull(),
    /** The index of the fragment that the text belongs to, the turn's last one; 0 for fragments of items. */
    fragment: integer().notNull(),
    /** How long the fragment's content is with this text, in UTF-16 code units; 0 for fragments of items. */
    length: integer().notNull(),
    /** The bytes of the turn's chunks that its messages lack, this one included. */
    unfoldedBytes: integer("unfolded_bytes").notNull(),
    /**
     * The text as it stands in the messages' JSON, between the quotes: reads put it there unread. Of items their fragments, a
     * comma before each; empty where they have none.
     */
    jsonText: text("json_text").notNull(),
    /** The conversation of items; null for text in progress. */
    conversationId: identifier("conversation_id"),
    /** The words of the items' text, which those of the turn lack; null for text in progress, and for items without text. */
    words: tsvector(),
  },
  (table) => [
    primaryKey({ columns: [table.projectId, table.turnId, table.revision] }),
    foreignKey({
      name: "turn_chunks_turn_fk",
      columns: [table.projectId, table.turnId],
      foreignColumns: [turns.projectId, turns.id],
    }).onDelete("cascade"),
    check("turn_chunks_revision_check", sql`${table.revision} > ${table.previousRevision}`),
    check(
      "turn_chunks_json_text_check",
      sql`CASE WHEN ${table.conversationId} IS NULL THEN ${table.jsonText} ~ ${JSON_TEXT} ELSE is_message_fragments(('[' || substr(${table.jsonText}, 2) || ']')::json) END`,
    ),
    // Partial: text in progress is appended without a look at these.
    index("turn_chunks_conversation_id_idx")
      .on(table.projectId, table.conversationId, table.revision)
      .where(sql`${table.conversationId} IS NOT NULL`),
    index("turn_chunks_words_idx").using("gin", table.projectId, table.words).where(sql`${table.words} IS NOT NULL`),
  ],
);
