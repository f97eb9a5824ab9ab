import { sql } from "drizzle-orm";
import { check, foreignKey, index, pgTable, primaryKey, text } from "drizzle-orm/pg-core";

import { identifier } from "./columns.ts";
import { conversations } from "./conversations.ts";

/**
 * The ids that carry no prefix of ours (imported ones), of conversations and turns together: an id names one object
 * within its project, which two tables alone cannot promise. The transaction that writes the object enters it.
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
    /** The items that were appended, in order; null for any other write. */
    itemIds: text("item_ids").array(),
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
