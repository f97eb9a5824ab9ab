import { sql } from "drizzle-orm";

import type { Database } from "../database/client.ts";
import { countPendingMigrations } from "./migrate.ts";

/** What of a database decides whether, and how well, it serves. */
export interface DatabaseFacts {
  /** PostgreSQL's major version. */
  version: number;
  encoding: string;
  /** Whether it knows upper and lower case beyond ASCII, as search does then. */
  foldsAllLetters: boolean;
  pendingMigrations: number;
  /** Whether the user may create what migrations create. */
  mayMigrate: boolean;
}

/** Reads the facts, and changes nothing. */
export async function inspectDatabase(database: Database): Promise<DatabaseFacts> {
  const [row] = await database.read<Omit<DatabaseFacts, "pendingMigrations">>(sql`
    SELECT current_setting('server_version_num')::integer / 10000 AS version,
      current_setting('server_encoding') AS encoding,
      lower('Ä') = 'ä' AS "foldsAllLetters",
      has_database_privilege(current_database(), 'CREATE') AND has_schema_privilege('public', 'CREATE') AS "mayMigrate"`);
  if (row === undefined) throw new Error("The database answered a SELECT of one row with none.");
  return { ...row, pendingMigrations: await countPendingMigrations(database) };
}
