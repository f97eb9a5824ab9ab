import { sql } from "drizzle-orm";
import { check, foreignKey, index, integer, pgTable, primaryKey, text, unique } from "drizzle-orm/pg-core";

import { identifier, idRule, instant, instantRule, jsonText, literals, tsvector } from "./columns.ts";
import { TURN_ROLES, TURN_STATES } from "./message-fragment.ts";

/** A backend's key reads its whole project; one for front ends reads one user's conversations at a time. */
export const KEY_ACCESS = ["project", "user"] as const;

/** A tenant: one per group of keys. Leads every key and index, so that rows can be distributed by project. */
export const projects = pgTable(
  "projects",
  {
    id: identifier().primaryKey(),
    createdAt: instant("created_at").notNull().default(sql`now()`),
  },
  (table) => [check("projects_id_check", sql`${table.id} ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'`)],
);

/** What callers show to be let in; kept after they are revoked, as the server is open only until the first was created. */
export const keys = pgTable(
  "keys",
  {
    id: identifier().primaryKey(),
    projectId: identifier("project_id")
      .notNull()
      .references(() => projects.id),
    access: text({ enum: KEY_ACCESS }).notNull(),
    /** SHA-256 of the key, in base64url. A key is 256 random bits: nothing slower is needed to keep it from being guessed. */
    hash: identifier().notNull().unique("keys_hash_key"),
    note: text(),
    createdAt: instant("created_at").notNull().default(sql`now()`),
    revokedAt: instant("revoked_at"),
  },
  (table) => [
    check("keys_access_check", sql`${table.access} IN (${literals(KEY_ACCESS)})`),
    check("keys_hash_check", sql`${table.hash} ~ '^[A-Za-z0-9_-]{43}$'`),
  ],
);

/** What of a conversation is fixed when it is created, and its metadata. */
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
    metadata: jsonText().notNull().default(sql`'{}'`),
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
    index("conversations_isolation_key_agent_name_created_at_id_idx").on(
      table.projectId,
      table.isolationKey,
      table.agentName,
      table.createdAt,
      table.id,
    ),
    index("conversations_isolation_key_agent_version_created_at_id_idx").on(
      table.projectId,
      table.isolationKey,
      table.agentName,
      table.agentVersion,
      table.createdAt,
      table.id,
    ),
    index("conversations_metadata_idx").using("gin", table.projectId, sql`(${table.metadata}::jsonb) jsonb_path_ops`),
  ],
);

/**
 * What every append changes of a conversation. Apart from `conversations`, because an update of an indexed column
 * writes to every index of its table: an append touches three indexes here instead of ten there.
 */
export const conversationHeads = pgTable(
  "conversation_heads",
  {
    projectId: identifier("project_id").notNull(),
    conversationId: identifier("conversation_id").notNull(),
    isolationKey: identifier("isolation_key"),
    updatedAt: instant("updated_at").notNull(),
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
  ],
);

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
    messages: jsonText().notNull(),
    errorDetail: text("error_detail"),
    inReplyToId: identifier("in_reply_to_id"),
    /** The words of a final turn's text fragments; null while the turn is in progress, and when it has no text. */
    words: tsvector(),
    /** The names of the functions that the turn calls; null for none. */
    calledFunctions: text("called_functions").array(),
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
    check("turns_messages_check", sql`is_message_fragments(${table.messages})`),
    // How a watcher finds what changed since it last looked.
    index("turns_revision_idx").on(table.projectId, table.conversationId, table.revision),
    // Partial: a turn in progress changes with every streamed word, and must not write to a search index each time.
    index("turns_words_idx").using("gin", table.projectId, table.words).where(sql`${table.state} <> 'in-progress'`),
    index("turns_called_functions_idx")
      .using("gin", table.projectId, table.calledFunctions)
      .where(sql`${table.calledFunctions} IS NOT NULL`),
    index("turns_state_idx")
      .on(table.projectId, table.state, table.conversationId)
      .where(sql`${table.state} <> 'done'`),
  ],
);

/** What is done once in a database's life, however often a server starts on it. */
export const milestones = pgTable("milestones", { name: text().primaryKey() });

/**
 * The ids that carry no prefix of ours (imported ones), of conversations and turns together: an id names one object
 * within its project, which two tables alone cannot promise. Triggers keep it.
 */
export const importedIds = pgTable(
  "imported_ids",
  { projectId: identifier("project_id").notNull(), id: identifier().notNull() },
  (table) => [primaryKey({ columns: [table.projectId, table.id] })],
);

/** What the first call with an idempotency key asked for and made. Kept as long as the conversation. */
export const idempotencyKeys = pgTable(
  "idempotency_keys",
  {
    projectId: identifier("project_id").notNull(),
    /** The user that wrote; empty for none, as a key column cannot be null. */
    isolationKey: identifier("isolation_key").notNull(),
    key: identifier().notNull(),
    inputHash: text("input_hash").notNull(),
    conversationId: identifier("conversation_id").notNull(),
    /** The turn that was appended; null where a conversation was created. */
    turnId: identifier("turn_id"),
  },
  (table) => [
    primaryKey({ columns: [table.projectId, table.isolationKey, table.key] }),
    foreignKey({
      name: "idempotency_keys_conversation_fk",
      columns: [table.projectId, table.conversationId],
      foreignColumns: [conversations.projectId, conversations.id],
    }).onDelete("cascade"),
    check("idempotency_keys_key_check", sql`char_length(${table.key}) BETWEEN 1 AND 255`),
    // The foreign key looks its rows up by conversation when one is deleted.
    index("idempotency_keys_conversation_id_idx").on(table.projectId, table.conversationId),
  ],
);
