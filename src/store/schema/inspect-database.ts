import { sql } from "drizzle-orm";

import type { Database } from "../database/client.ts";
import { countPendingMigrations } from "./migrate.ts";

/** The facts that decide whether, and how well, a database serves. */
export interface DatabaseFacts {
  /** PostgreSQL's major version. */
  version: number;
  encoding: string;
  /** The searches that find nothing in a text that holds them; none before the migrations are applied. */
  lostSearches: string[];
  pendingMigrations: number;
  /** Whether the user may create what migrations create. */
  mayMigrate: boolean;
}

/** Reads the facts without changing anything. Three statements at most. */
export async function inspectDatabase(database: Database): Promise<DatabaseFacts> {
  const [row] = await database.read<
    Omit<DatabaseFacts, "pendingMigrations" | "lostSearches"> & { canSearch: boolean }
  >(sql`
    SELECT current_setting('server_version_num')::integer / 10000 AS version,
      current_setting('server_encoding') AS encoding,
      to_regprocedure('search_query(text, boolean)') IS NOT NULL AS "canSearch",
      has_database_privilege(current_database(), 'CREATE') AND has_schema_privilege('public', 'CREATE') AS "mayMigrate"`);
  if (row === undefined) throw new Error("The database answered a SELECT of one row with none.");
  const { canSearch, ...facts } = row;
  const lostSearches = canSearch ? await findLostSearches(database) : [];
  return { ...facts, lostSearches, pendingMigrations: await countPendingMigrations(database) };
}

async function findLostSearches(database: Database): Promise<string[]> {
  const rows = await database.read<{ search: string }>(sql`
    SELECT search FROM (VALUES ('¿dónde', '«¿DÓNDE…»'), ('京都', '配送先を京都に変更')) AS tried (search, text)
    WHERE NOT search_words(text) @@ search_query(search, false)`);
  return rows.map(({ search }) => search);
}

/** Whether the server is in recovery, as a standby always is: it takes no writes. One statement. */
export async function isInRecovery(database: Database): Promise<boolean> {
  const [row] = await database.read<{ isInRecovery: boolean }>(sql`SELECT pg_is_in_recovery() AS "isInRecovery"`);
  return row?.isInRecovery === true;
}
