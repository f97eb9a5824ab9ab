import { foreignKey, index, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";

import { type MessageFragment, TURN_ROLES, TURN_STATES } from "../../model/message-fragment.ts";
import { identifier, instant, jsonText } from "./columns.ts";
import { conversations } from "./conversations.ts";

/**
 * Turns that were deleted, in their last state, for watchers: each finds here what it has not seen yet. A row goes after a
 * day, and with its conversation. Nothing else reads them.
 */
export const deletedTurns = pgTable(
  "deleted_turns",
  {
    projectId: identifier("project_id").notNull(),
    id: identifier().notNull(),
    conversationId: identifier("conversation_id").notNull(),
    position: integer().notNull(),
    /** The conversation's revision at which the turn was deleted. */
    revision: integer().notNull(),
    role: text({ enum: TURN_ROLES }).notNull(),
    state: text({ enum: TURN_STATES }).notNull(),
    timestamp: instant().notNull(),
    messages: jsonText().$type<MessageFragment[]>().notNull(),
    errorDetail: text("error_detail"),
    inReplyToId: identifier("in_reply_to_id"),
    metadata: jsonText().$type<Record<string, string>>().notNull(),
    bytes: integer().notNull(),
    deletedAt: instant("deleted_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.projectId, table.conversationId, table.revision] }),
    foreignKey({
      name: "deleted_turns_conversation_fk",
      columns: [table.projectId, table.conversationId],
      foreignColumns: [conversations.projectId, conversations.id],
    }).onDelete("cascade"),
    index("deleted_turns_deleted_at_idx").on(table.projectId, table.deletedAt),
  ],
);
