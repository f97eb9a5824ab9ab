import { sql } from "drizzle-orm";
import { LRUCache } from "lru-cache";

import type { Executor } from "../database/executor.ts";
import { projects } from "../tables/projects.ts";

/** Creates the project when it does not exist. One statement. */
export async function ensureProject(database: Executor, projectId: string): Promise<void> {
  await database.rows(sql`INSERT INTO ${projects} (id) VALUES (${projectId}) ON CONFLICT DO NOTHING`);
}

// Short, as a project may be deleted.
const KNOWN_MS = 60_000;

/** Creates projects that do not exist. One statement a minute and project, of 10,000 that are remembered. */
export function createEnsureProject(database: Executor): (projectId: string) => Promise<void> {
  const known = new LRUCache<string, true>({ max: 10_000, ttl: KNOWN_MS });
  return async (projectId) => {
    if (known.has(projectId)) return;
    await ensureProject(database, projectId);
    known.set(projectId, true);
  };
}

/** The ids of all projects, in order. One statement. */
export async function listProjects(database: Executor): Promise<string[]> {
  const rows = await database.rows<{ id: string }>(sql`SELECT id FROM ${projects} ORDER BY id`);
  return rows.map(({ id }) => id);
}
