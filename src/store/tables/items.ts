import { sql } from "drizzle-orm";
import { check, foreignKey, index, integer, pgTable, primaryKey, text, unique } from "drizzle-orm/pg-core";

import { identifier, jsonText } from "./columns.ts";
import { conversations } from "./conversations.ts";

/** The place of a position's first item: behind all that is made of a turn's messages, where a turn was written otherwise. */
export const FIRST_PLACE = 1_000_000;

/**
 * The items of the Conversations API that callers sent, each as its JSON text with the documented additions. A turn that was
 * written otherwise has none: its items are made of its messages when they are read.
 */
export const items = pgTable(
  "items",
  {
    projectId: identifier("project_id").notNull(),
    conversationId: identifier("conversation_id").notNull(),
    /** The position of the turn that the item belongs to, or stands after; 0 ahead of the first turn. */
    position: integer().notNull(),
    /** The order of the items of a position. */
    place: integer().notNull(),
    /** Unique within the conversation only. */
    id: identifier().notNull(),
    type: text().notNull(),
    /** The id by which a call and its output belong together; null for any other item. */
    callId: identifier("call_id"),
    /** How many of the turn's fragments are the item's; null for one that belongs to no turn (a system message). */
    fragments: integer(),
    /** The bytes of the item's text: a page adds them up without a look at the items. */
    bytes: integer().notNull(),
    item: jsonText().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.projectId, table.conversationId, table.position, table.place] }),
    // Led by the id, by which a reference in another conversation finds it.
    unique("items_project_id_id_conversation_id_key").on(table.projectId, table.id, table.conversationId),
    foreignKey({
      name: "items_conversation_fk",
      columns: [table.projectId, table.conversationId],
      foreignColumns: [conversations.projectId, conversations.id],
    }).onDelete("cascade"),
    check("items_place_check", sql`${table.position} >= 0 AND ${table.place} >= ${sql.raw(String(FIRST_PLACE))}`),
    check("items_id_check", sql`${table.id} ~ '^[A-Za-z0-9_-]+$' AND octet_length(${table.id}) <= 64`),
    check(
      "items_fragments_check",
      sql`${table.fragments} IS NULL OR (${table.fragments} >= 0 AND ${table.position} > 0)`,
    ),
    check("items_item_check", sql`json_typeof(${table.item}) = 'object'`),
    index("items_call_id_idx")
      .on(table.projectId, table.conversationId, table.callId)
      .where(sql`${table.callId} IS NOT NULL`),
  ],
);
