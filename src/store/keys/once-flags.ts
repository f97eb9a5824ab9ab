import { sql } from "drizzle-orm";

import type { Executor } from "../database/executor.ts";
import { milestones } from "../tables/projects.ts";

/** Raises the flag with this name; resolves to whether it was not raised before. Of several calls at once, one gets true. */
export async function raiseOnceFlag(executor: Executor, name: string): Promise<boolean> {
  const rows = await executor.rows(
    sql`INSERT INTO ${milestones} (name) VALUES (${name}) ON CONFLICT DO NOTHING RETURNING name`,
  );
  return rows.length > 0;
}
