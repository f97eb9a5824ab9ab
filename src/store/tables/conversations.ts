import { sql } from "drizzle-orm";
import { check, foreignKey, index, integer, pgTable, primaryKey } from "drizzle-orm/pg-core";

import { identifier, idRule, instant, instantRule, jsonText, tsvector } from "./columns.ts";
import { projects } from "./projects.ts";

/** What is fixed when a conversation is created, and its metadata. */
export const conversations = pgTable(
  "conversations",
  {
    projectId: identifier("project_id")
      .notNull()
      .references(() => projects.id),
    id: identifier().notNull(),
    isolationKey: identifier("isolation_key"),
    createdAt: instant("created_at").notNull(),
    agentName: identifier("agent_name"),
    agentVersion: identifier("agent_version"),
    metadata: jsonText().$type<Record<string, string>>().notNull().default(sql`'{}'`),
    /** The conversation that this one is a copy of, and the last turn that was copied: either may be gone. */
    forkedFromId: identifier("forked_from_id"),
    forkedTurnId: identifier("forked_turn_id"),
    /** The words of the metadata's title, kept by a trigger; null for none. */
    titleWords: tsvector("title_words"),
  },
  (table) => [
    primaryKey({ columns: [table.projectId, table.id] }),
    check("conversations_id_check", idRule(table.id, "turn_")),
    check("conversations_created_at_check", instantRule(table.createdAt)),
    check("conversations_isolation_key_check", sql`octet_length(${table.isolationKey}) BETWEEN 1 AND 256`),
    check(
      "conversations_agent_check",
      sql`(${table.agentName} IS NOT NULL OR ${table.agentVersion} IS NULL) AND char_length(${table.agentName}) BETWEEN 1 AND 128 AND strpos(${table.agentName}, ':') = 0 AND char_length(coalesce(${table.agentVersion}, '1')) BETWEEN 1 AND 128`,
    ),
    check("conversations_metadata_check", sql`is_conversation_metadata(${table.metadata})`),
    index("conversations_project_id_created_at_id_idx").on(table.projectId, table.createdAt, table.id),
    index("conversations_isolation_key_created_at_id_idx").on(
      table.projectId,
      table.isolationKey,
      table.createdAt,
      table.id,
    ),
    index("conversations_agent_name_created_at_id_idx").on(table.projectId, table.agentName, table.createdAt, table.id),
    index("conversations_agent_version_created_at_id_idx").on(
      table.projectId,
      table.agentName,
      table.agentVersion,
      table.createdAt,
      table.id,
    ),
    index("conversations_title_words_idx")
      .using("gin", table.projectId, table.titleWords)
      .where(sql`${table.titleWords} IS NOT NULL`),
    index("conversations_metadata_idx").using("gin", table.projectId, sql`(${table.metadata}::jsonb) jsonb_path_ops`),
  ],
);

/**
 * What every append changes of a conversation. Apart from `conversations`, because an update of an indexed column
 * writes to every index of its table: an append touches three indexes here instead of eight there.
 */
export const conversationHeads = pgTable(
  "conversation_heads",
  {
    projectId: identifier("project_id").notNull(),
    conversationId: identifier("conversation_id").notNull(),
    isolationKey: identifier("isolation_key"),
    /** The last append or change of a turn. */
    updatedAt: instant("updated_at").notNull(),
    /** The last change of the metadata after the creation; null for none. It moves the conversation in no list. */
    describedAt: instant("described_at"),
    /**
     * The last write to the row by the database's clock, kept by a trigger; while a text streams, up to a second before that.
     * The default where there was none since the column came.
     */
    changedAt: instant("changed_at").notNull().default(sql`'0001-01-01T00:00:00Z'`),
    revision: integer().notNull(),
    turnCount: integer("turn_count").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.projectId, table.conversationId] }),
    foreignKey({
      name: "conversation_heads_conversation_fk",
      columns: [table.projectId, table.conversationId],
      foreignColumns: [conversations.projectId, conversations.id],
    }).onDelete("cascade"),
    check("conversation_heads_updated_at_check", instantRule(table.updatedAt)),
    check("conversation_heads_turn_count_check", sql`${table.turnCount} BETWEEN 0 AND ${table.revision}`),
    index("conversation_heads_updated_at_idx").on(table.projectId, table.updatedAt, table.conversationId),
    index("conversation_heads_isolation_key_updated_at_idx").on(
      table.projectId,
      table.isolationKey,
      table.updatedAt,
      table.conversationId,
    ),
    // Watchers of a project find by it what changed since they last read.
    index("conversation_heads_changed_at_idx").on(table.projectId, table.changedAt, table.conversationId),
  ],
);
