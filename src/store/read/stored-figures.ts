import { getTableName, type SQL, sql } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";

import type { Database } from "../database/client.ts";
import { toMilliseconds } from "../sql/instants.ts";
import { conversationCounts } from "../tables/conversation-counts.ts";
import { conversationHeads, conversations } from "../tables/conversations.ts";
import { projects } from "../tables/projects.ts";
import { turns } from "../tables/turns.ts";

/** What operators watch of what is stored, in all projects together. */
export interface StoredFigures {
  /** Conversations, as PostgreSQL estimated them at the table's last vacuum or analyze; counted where they are few. */
  conversations: number;
  /** Turns, by the same estimate. */
  turns: number;
  /** Turns in progress. */
  openTurns: number;
  /** The earliest begin of a turn in progress; null for none. */
  oldestOpenTurn: Date | null;
  /** The last append or change of a turn; null for none. */
  lastAppend: Date | null;
}

/**
 * The figures as of now. It reads no table through: of each project the turns in progress, by their index, and the conversation of
 * the last change; where the tables are distributed, the turns in progress of every machine at once. It is given up after a
 * second: where a lock or a disk holds it up, requests need its connection.
 */
export async function readStoredFigures(database: Database): Promise<StoredFigures> {
  const statement = database.isDistributed ? ofAllMachines() : ofOneMachine();
  const [row] = await database.transaction(async (transaction) => {
    await transaction.rows(sql`SET LOCAL statement_timeout = '1s'`);
    return transaction.read<StoredFigures>(statement);
  });
  if (row === undefined) throw new Error("An aggregate gives one row.");
  return row;
}

function ofOneMachine(): SQL {
  const estimateOf = (table: PgTable) =>
    sql`(SELECT reltuples::float8 FROM pg_class WHERE oid = ${getTableName(table)}::regclass)`;
  return sql`
    SELECT ${atLeastCounted(conversations, estimateOf)} AS conversations, ${atLeastCounted(turns, estimateOf)} AS turns,
      coalesce(sum(open.count), 0)::integer AS "openTurns", ${toMilliseconds(sql`min(open.oldest)`)} AS "oldestOpenTurn",
      ${toMilliseconds(sql`max(last.at)`)} AS "lastAppend"
    FROM ${projects} p
    CROSS JOIN LATERAL (
      SELECT count(*) AS count, min(t.timestamp) AS oldest FROM ${turns} t
      WHERE t.project_id = p.id AND t.state = 'in-progress'
    ) AS open
    LEFT JOIN LATERAL (
      SELECT h.updated_at AS at FROM ${conversationHeads} h WHERE h.project_id = p.id ORDER BY h.updated_at DESC LIMIT 1
    ) AS last ON true`;
}

/** Citus joins no table of projects to what each of them has: the kept counts name the projects that have conversations. */
function ofAllMachines(): SQL {
  // A shard that was never looked at says -1.
  const estimateOf = (table: PgTable) => sql`(SELECT sum(greatest(result::float8, 0)) FROM run_command_on_shards(
    ${getTableName(table)}::regclass, $$SELECT reltuples FROM pg_class WHERE oid = '%s'::regclass$$))`;
  return sql`
    WITH open AS MATERIALIZED (
      SELECT count(*)::integer AS count, min(t.timestamp) AS oldest FROM ${turns} t WHERE t.state = 'in-progress'
    ),
    last AS MATERIALIZED (
      SELECT max(newest.at) AS at FROM (
        SELECT DISTINCT n.project_id FROM ${conversationCounts} n WHERE n.isolation_key = '' AND n.agent_name = ''
      ) AS p CROSS JOIN LATERAL (
        SELECT h.updated_at AS at FROM ${conversationHeads} h WHERE h.project_id = p.project_id ORDER BY h.updated_at DESC LIMIT 1
      ) AS newest
    )
    SELECT ${atLeastCounted(conversations, estimateOf)} AS conversations, ${atLeastCounted(turns, estimateOf)} AS turns,
      open.count AS "openTurns", ${toMilliseconds(sql`open.oldest`)} AS "oldestOpenTurn", ${toMilliseconds(sql`last.at`)} AS "lastAppend"
    FROM open CROSS JOIN last`;
}

// A small table may not have been looked at for long, or never, which -1 stands for.
const COUNTED = 1000;

function atLeastCounted(table: PgTable, estimateOf: (table: PgTable) => SQL): SQL {
  return sql`greatest(${estimateOf(table)}, (SELECT count(*)::float8 FROM (SELECT 1 FROM ${table} LIMIT ${COUNTED}) AS few))`;
}
