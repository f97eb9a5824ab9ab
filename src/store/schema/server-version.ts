import { sql } from "drizzle-orm";

import type { Executor } from "../database/executor.ts";

/** The server's major version, such as 15. One statement. */
export async function readServerVersion(executor: Executor): Promise<number> {
  const [row] = await executor.rows<{ version: number }>(
    sql`SELECT current_setting('server_version_num')::integer / 10000 AS version`,
  );
  return row?.version ?? 0;
}
