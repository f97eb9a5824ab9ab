import { bigint, integer, pgTable, primaryKey } from "drizzle-orm/pg-core";

import { identifier } from "./columns.ts";

/**
 * How many conversations lists of the common filters have in a span of time: tells a list's total and where its nth row
 * is without reading the rows between. Kept by triggers, in the transaction that changes `conversations`. A conversation
 * is counted once for every such list that it is in: the project's or its user's; of every agent, of its agent, of its
 * agent's version.
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
    /** Which span of time, counted from 1970: `conversation_count_bucket` tells an instant's. */
    bucket: integer().notNull(),
    /**
     * A bucket's count is the sum of its shares: a writer changes one that nobody else is changing, or adds one, and so
     * never waits for another. A share may be negative; a sum cannot.
     */
    share: bigint({ mode: "bigint" }).notNull().generatedByDefaultAsIdentity(),
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
