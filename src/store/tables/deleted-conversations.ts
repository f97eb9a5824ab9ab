import { index, pgTable, primaryKey } from "drizzle-orm/pg-core";

import { identifier, instant } from "./columns.ts";

/**
 * The conversations that were deleted in the last day: a watcher that resumes is told of them. The transaction that deletes
 * enters them.
 */
export const deletedConversations = pgTable(
  "deleted_conversations",
  {
    projectId: identifier("project_id").notNull(),
    conversationId: identifier("conversation_id").notNull(),
    isolationKey: identifier("isolation_key"),
    deletedAt: instant("deleted_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.projectId, table.conversationId] }),
    index("deleted_conversations_deleted_at_idx").on(table.projectId, table.deletedAt),
    index("deleted_conversations_isolation_key_deleted_at_idx").on(
      table.projectId,
      table.isolationKey,
      table.deletedAt,
    ),
  ],
);
