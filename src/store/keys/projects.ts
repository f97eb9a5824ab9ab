import { sql } from "drizzle-orm";

import type { Executor } from "../database/executor.ts";
import { projects } from "../tables/projects.ts";

/** Creates the project when it does not exist. One statement. */
export async function ensureProject(database: Executor, projectId: string): Promise<void> {
  await database.rows(sql`INSERT INTO ${projects} (id) VALUES (${projectId}) ON CONFLICT DO NOTHING`);
}

/** The ids of all projects, in order. One statement. */
export async function listProjects(database: Executor): Promise<string[]> {
  const rows = await database.rows<{ id: string }>(sql`SELECT id FROM ${projects} ORDER BY id`);
  return rows.map(({ id }) => id);
}
