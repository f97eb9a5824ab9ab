import { sql } from "drizzle-orm";

import type { Database } from "../database/client.ts";
import { deletedConversations } from "../tables/deleted-conversations.ts";
import { projects } from "../tables/projects.ts";

const REMEMBERED_HOURS = 24;

/**
 * Removes what is kept of conversations that were deleted more than 24 hours ago: ids and users. A statement for each project,
 * and one that finds them.
 */
export async function forgetDeleted(database: Database, signal: AbortSignal): Promise<void> {
  for (const { id } of await database.read<{ id: string }>(sql`SELECT id FROM ${projects} ORDER BY id`)) {
    if (signal.aborted) return;
    await database.rows(sql`
      DELETE FROM ${deletedConversations}
      WHERE project_id = ${id} AND deleted_at < now() - make_interval(hours => ${REMEMBERED_HOURS})`);
  }
}
