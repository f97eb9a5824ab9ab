import { sql } from "drizzle-orm";
import { boolean, check, foreignKey, index, integer, pgTable, primaryKey, text, unique } from "drizzle-orm/pg-core";
import { type MessageFragment, TURN_ROLES, TURN_STATES } from "../../model/message-fragment.ts";
import { MAX_TURN_BYTES } from "../../model/rules.ts";
import { identifier, idRule, instant, instantRule, jsonText, literals, tsvector } from "./columns.ts";
import { conversations } from "./conversations.ts";

/** A turn with its message fragments, which live in one `json` value in the documented wire shape. */
export const turns = pgTable(
  "turns",
  {
    projectId: identifier("project_id").notNull(),
    id: identifier().notNull(),
    conversationId: identifier("conversation_id").notNull(),
    position: integer().notNull(),
    revision: integer().notNull(),
    role: text({ enum: TURN_ROLES }).notNull(),
    state: text({ enum: TURN_STATES }).notNull(),
    timestamp: instant().notNull(),
    messages: jsonText().$type<MessageFragment[]>().notNull(),
    errorDetail: text("error_detail"),
    inReplyToId: identifier("in_reply_to_id"),
    /** What is noted about the turn. It may change when the turn is final. */
    metadata: jsonText().$type<Record<string, string>>().notNull().default(sql`'{}'`),
    /** The words of a final turn's text fragments; null while the turn is in progress, and when it has no text. */
    words: tsvector(),
    /** The names of the functions that the turn calls; null for none. */
    calledFunctions: text("called_functions").array(),
    /** The bytes of messages and error detail, kept by a trigger; null for a short turn from before there was one. */
    bytes: integer(),
    /** The first half of a surrogate pair that the text in progress ended with; null for none. */
    highSurrogate: integer("high_surrogate"),
    /**
     * The revision that the messages are of, where later text stands in `turn_chunks`; null for a turn that takes no chunks.
     * A server of a former release, which knows of none, is refused to change such a turn: it would lose text.
     */
    chunksAfter: integer("chunks_after"),
    /** Whether the turn is made of items: its rows in `items` say what it says, and it is final from the start. */
    ofItems: boolean("of_items").notNull().default(false),
    /**
     * The revision that the messages are of, where fragments of later items may stand in `turn_chunks`; null where none do. A
     * column of its own: a server of a former release shows such a turn as it was at that revision.
     */
    itemsAfter: integer("items_after"),
  },
  (table) => [
    primaryKey({ columns: [table.projectId, table.id] }),
    unique("turns_project_id_conversation_id_position_key").on(table.projectId, table.conversationId, table.position),
    foreignKey({
      name: "turns_conversation_fk",
      columns: [table.projectId, table.conversationId],
      foreignColumns: [conversations.projectId, conversations.id],
    }).onDelete("cascade"),
    check("turns_id_check", idRule(table.id, "conv_")),
    check("turns_timestamp_check", instantRule(table.timestamp)),
    check("turns_position_check", sql`${table.position} >= 1 AND ${table.revision} >= 1`),
    check("turns_role_check", sql`${table.role} IN (${literals(TURN_ROLES)})`),
    check("turns_state_check", sql`${table.state} IN (${literals(TURN_STATES)})`),
    check("turns_user_state_check", sql`${table.role} = 'assistant' OR ${table.state} = 'done'`),
    check("turns_error_detail_check", sql`${table.errorDetail} IS NULL OR ${table.state} = 'error'`),
    check("turns_in_reply_to_check", sql`${table.inReplyToId} IS NULL OR ${table.role} = 'assistant'`),
    check("turns_bytes_check", sql`${table.bytes} <= ${sql.raw(String(MAX_TURN_BYTES))}`),
    check(
      "turns_high_surrogate_check",
      sql`${table.highSurrogate} IS NULL OR (${table.highSurrogate} BETWEEN 55296 AND 56319 AND ${table.state} = 'in-progress')`,
    ),
    check(
      "turns_chunks_after_check",
      sql`${table.chunksAfter} IS NULL OR (${table.chunksAfter} = ${table.revision} AND ${table.state} = 'in-progress')`,
    ),
    // Most turns have none, and the function costs as much as the rest of a short row.
    check("turns_metadata_check", sql`${table.metadata}::text = '{}' OR is_conversation_metadata(${table.metadata})`),
    check("turns_of_items_check", sql`NOT ${table.ofItems} OR ${table.state} <> 'in-progress'`),
    check(
      "turns_items_after_check",
      sql`${table.itemsAfter} IS NULL OR (${table.itemsAfter} = ${table.revision} AND ${table.ofItems})`,
    ),
    check("turns_messages_check", sql`is_message_fragments(${table.messages})`),
    // A watcher finds by it what changed since its last read.
    index("turns_revision_idx").on(table.projectId, table.conversationId, table.revision),
    // Partial: a turn in progress changes with every streamed word, and must not write to the index each time.
    index("turns_words_idx").using("gin", table.projectId, table.words).where(sql`${table.state} <> 'in-progress'`),
    index("turns_called_functions_idx")
      .using("gin", table.projectId, table.calledFunctions)
      .where(sql`${table.calledFunctions} IS NOT NULL`),
    index("turns_state_idx")
      .on(table.projectId, table.state, table.conversationId)
      .where(sql`${table.state} <> 'done'`),
  ],
);
