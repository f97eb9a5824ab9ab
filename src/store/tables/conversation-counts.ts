import { bigint, integer, pgTable, primaryKey } from "drizzle-orm/pg-core";

import { identifier } from "./columns.ts";

/**
 * How many conversations the lists of the common filters have in a span of time: gives a list's total, and the place of its
 * nth row, without a read of the rows between. The transaction that changes `conversations` keeps it. A conversation counts
 * once in every such list: the project's of every agent, of its agent, and of its agent's version; and its user's.
 */
export const conversationCounts = pgTable(
  "conversation_counts",
  {
    projectId: identifier("project_id").notNull(),
    /** The user whose list it is; empty for the whole project's, as a key column cannot be null. */
    isolationKey: identifier("isolation_key").notNull(),
    /** Empty for every agent, and for every version. */
    agentName: identifier("agent_name").notNull(),
    agentVersion: identifier("agent_version").notNull(),
    /** The number of the span of time, from 1970: `conversation_count_bucket` gives that of an instant. */
    bucket: integer().notNull(),
    /**
     * A bucket's count is the sum of its shares, so that few writers change the same row. Writers take shares below 0; former
     * releases left others. A count may be negative; a sum cannot.
     */
    share: bigint({ mode: "bigint" }).notNull(),
    count: integer().notNull(),
  },
  (table) => [
    primaryKey({
      // The name that it would be given is longer than PostgreSQL's names.
      name: "conversation_counts_pk",
      columns: [table.projectId, table.isolationKey, table.agentName, table.agentVersion, table.bucket, table.share],
    }),
  ],
);
