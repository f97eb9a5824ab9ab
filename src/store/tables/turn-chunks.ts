import { sql } from "drizzle-orm";
import { check, foreignKey, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";

import { identifier } from "./columns.ts";
import { turns } from "./turns.ts";

// No quote, and no control character but as an escape.
const JSON_TEXT = sql.raw(String.raw`'^([^"\\\u0001-\u001F]|\\(["\\/bfnrt]|u[0-9A-Fa-f]{4}))*$'`);

/**
 * The text that was appended to turns in progress, a row for each append. What follows `turns.chunks_after` is not in the
 * turn's messages yet. What comes before it is kept for watchers, who are told what was added since they last read; the rows
 * of a turn are a chain of appends without any other change between them. None is left once the turn ends.
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
    /** The index of the fragment that the text belongs to, the turn's last one. */
    fragment: integer().notNull(),
    /** How long the fragment's content is with this text, in UTF-16 code units. */
    length: integer().notNull(),
    /** The bytes of the turn's chunks that its messages lack, this one included. */
    unfoldedBytes: integer("unfolded_bytes").notNull(),
    /** The text as it stands in the messages' JSON, between the quotes: reads put it there unread. */
    jsonText: text("json_text").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.projectId, table.turnId, table.revision] }),
    foreignKey({
      name: "turn_chunks_turn_fk",
      columns: [table.projectId, table.turnId],
      foreignColumns: [turns.projectId, turns.id],
    }).onDelete("cascade"),
    check("turn_chunks_revision_check", sql`${table.revision} > ${table.previousRevision}`),
    check("turn_chunks_json_text_check", sql`${table.jsonText} ~ ${JSON_TEXT}`),
  ],
);
