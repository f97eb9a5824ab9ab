import { sql } from "drizzle-orm";

import type { Executor } from "../database/executor.ts";
import { projects } from "../tables/projects.ts";

/** Creates the project when it does not exist. One statement. */
export async function ensureProject(database: Executor, projectId: string): Promise<void> {
  await database.rows(sql`INSERT INTO ${projects} (id) VALUES (${projectId}) ON CONFLICT DO NOTHING`);
}
