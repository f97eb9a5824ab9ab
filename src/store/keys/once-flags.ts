import { sql } from "drizzle-orm";

import type { Executor } from "../database/executor.ts";
import { milestones } from "../tables/projects.ts";

/** Whether nobody has asked for this name in the database before; of several who ask at once, one is the first. */
export async function isFirstTime(executor: Executor, name: string): Promise<boolean> {
  const rows = await executor.rows(
    sql`INSERT INTO ${milestones} (name) VALUES (${name}) ON CONFLICT DO NOTHING RETURNING name`,
  );
  return rows.length > 0;
}
