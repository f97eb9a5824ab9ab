import { getTableName, type SQL, sql } from "drizzle-orm";

import type { Executor } from "../database/executor.ts";
import { textArray } from "../sql/parameters.ts";
import { conversationCounts } from "../tables/conversation-counts.ts";
import { conversationHeads, conversations } from "../tables/conversations.ts";
import { deletedConversations } from "../tables/deleted-conversations.ts";
import { deletedTurns } from "../tables/deleted-turns.ts";
import { idempotencyKeys, importedIds } from "../tables/identities.ts";
import { items } from "../tables/items.ts";
import { keys, milestones, projects } from "../tables/projects.ts";
import { turnChunks } from "../tables/turn-chunks.ts";
import { turns } from "../tables/turns.ts";

/**
 * Every table, each behind those that its rows refer to. Nothing is left to be made again: what follows from other rows,
 * such as words and counts, is copied too, so that a restored database answers at once as the one that was backed up.
 */
export const BACKUP_TABLES: readonly string[] = [
  milestones,
  projects,
  keys,
  conversations,
  conversationHeads,
  turns,
  turnChunks,
  items,
  importedIds,
  idempotencyKeys,
  deletedTurns,
  deletedConversations,
  conversationCounts,
].map(getTableName);

/** What migrations enter by themselves. */
export const FILLED_BY_MIGRATIONS: readonly string[] = [milestones, projects].map(getTableName);

export interface TableColumns {
  table: string;
  columns: string[];
}

/**
 * The tables that the database has, with their columns: a database that lacks migrations may lack some. In the order of
 * BACKUP_TABLES. One statement.
 */
export async function readTables(executor: Executor): Promise<TableColumns[]> {
  return executor.rows<TableColumns>(sql`
    SELECT t.name AS table, json_agg(a.attname ORDER BY a.attnum) AS columns
    FROM unnest(${textArray(BACKUP_TABLES)}) WITH ORDINALITY AS t (name, place)
    JOIN pg_attribute a ON a.attrelid = to_regclass('public.' || quote_ident(t.name)) AND a.attnum > 0 AND NOT a.attisdropped
    GROUP BY t.name, t.place ORDER BY t.place`);
}

/** The table and its columns, as COPY takes them. */
export function copied({ table, columns }: TableColumns): SQL {
  const names = sql.join(
    columns.map((column) => sql.identifier(column)),
    sql`, `,
  );
  return sql`${sql.identifier(table)} (${names})`;
}
