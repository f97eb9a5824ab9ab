import { sql } from "drizzle-orm";

import type { Executor } from "../database/executor.ts";
import { toMilliseconds } from "../sql/instants.ts";
import { conversationCounts } from "../tables/conversation-counts.ts";
import { conversationHeads } from "../tables/conversations.ts";
import { projects } from "../tables/projects.ts";

/** A project, with the conversations that it has. */
export interface ProjectRow {
  id: string;
  createdAt: Date;
  conversations: number;
  /** The last append or change of a turn; null where there is no conversation. */
  lastActivity: Date | null;
}

/** The project; null where there is none. One statement, which reads counts that are kept. */
export async function readProject(executor: Executor, projectId: string): Promise<ProjectRow | null> {
  const [row] = await executor.read<ProjectRow>(sql`
    SELECT p.id, ${toMilliseconds(sql`p.created_at`)} AS "createdAt",
      (SELECT coalesce(sum(n.count), 0)::integer FROM ${conversationCounts} n
        WHERE n.project_id = ${projectId} AND n.isolation_key = '' AND n.agent_name = '' AND n.agent_version = '') AS conversations,
      (SELECT ${toMilliseconds(sql`max(h.updated_at)`)} FROM ${conversationHeads} h WHERE h.project_id = ${projectId}) AS "lastActivity"
    FROM ${projects} p WHERE p.id = ${projectId}`);
  return row ?? null;
}
