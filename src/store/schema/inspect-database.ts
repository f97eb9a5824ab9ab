import { sql } from "drizzle-orm";

import type { Database } from "../database/client.ts";
import { countPendingMigrations } from "./migrate.ts";

/** The facts that decide whether, and how well, a database serves. */
export interface DatabaseFacts {
  /** PostgreSQL's major version. */
  version: number;
  encoding: string;
  /** Whether it folds upper and lower case beyond ASCII, and search with it. */
  foldsAllLetters: boolean;
  pendingMigrations: number;
  /** Whether the user may create what migrations create. */
  mayMigrate: boolean;
}

/** Reads the facts without changing anything. Two statements at most. */
export async function inspectDatabase(database: Database): Promise<DatabaseFacts> {
  const [row] = await database.read<Omit<DatabaseFacts, "pendingMigrations">>(sql`
    SELECT current_setting('server_version_num')::integer / 10000 AS version,
      current_setting('server_encoding') AS encoding,
      lower('Ä') = 'ä' AS "foldsAllLetters",
      has_database_privilege(current_database(), 'CREATE') AND has_schema_privilege('public', 'CREATE') AS "mayMigrate"`);
  if (row === undefined) throw new Error("The database answered a SELECT of one row with none.");
  return { ...row, pendingMigrations: await countPendingMigrations(database) };
}

/** Whether the server is in recovery, as a standby always is: it takes no writes. One statement. */
export async function isInRecovery(database: Database): Promise<boolean> {
  const [row] = await database.read<{ isInRecovery: boolean }>(sql`SELECT pg_is_in_recovery() AS "isInRecovery"`);
  return row?.isInRecovery === true;
}
