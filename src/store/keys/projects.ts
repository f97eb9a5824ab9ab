import { sql } from "drizzle-orm";
import { LRUCache } from "lru-cache";

import type { Executor } from "../database/executor.ts";
import { projects } from "../tables/projects.ts";

/**
 * Creates the project when it does not exist. One statement, which only reads, where it does; two where it does not: on a
 * distributed database the write takes part on every machine, and fails when one is down.
 */
export async function ensureProject(database: Executor, projectId: string): Promise<void> {
  const found = await database.read(sql`SELECT id FROM ${projects} WHERE id = ${projectId}`);
  if (found.length > 0) return;
  await database.rows(sql`INSERT INTO ${projects} (id) VALUES (${projectId}) ON CONFLICT DO NOTHING`);
}

// Short, as a project may be deleted.
const KNOWN_MS = 60_000;

/** As `ensureProject`, once a minute for each project of the 10,000 that are remembered. */
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
