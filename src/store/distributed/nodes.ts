import { sql } from "drizzle-orm";

import type { Executor } from "../database/executor.ts";

/** A machine of the cluster, as Citus knows it. */
export interface Node {
  host: string;
  port: number;
  isCoordinator: boolean;
  /** Whether Citus sends it statements. */
  isActive: boolean;
  /** Whether it knows of all tables and machines. */
  hasMetadata: boolean;
}

/** What a new session of the program's account finds on a node, without the settings that the program makes for its own. */
export interface NodeFacts {
  /** PostgreSQL's major version. */
  version: number;
  /** The version of the extension Citus; null without it. */
  citus: string | null;
  encoding: string;
  /** The database's collation and character classes, with a slash between them. */
  locale: string;
  timeZone: string;
  /** The account, quoted as SQL needs it. */
  role: string;
  /** Milliseconds; 0 for none. */
  statementTimeout: number;
  lockTimeout: number;
}

/** The nodes, the coordinator first; none where none was added. One statement, for a database with Citus. */
export async function readNodes(executor: Executor): Promise<Node[]> {
  return executor.read<Node>(sql`
    SELECT nodename AS host, nodeport AS port, groupid = 0 AS "isCoordinator", isactive AS "isActive",
      hasmetadata AND metadatasynced AS "hasMetadata"
    FROM pg_dist_node WHERE noderole = 'primary' ORDER BY groupid`);
}

/**
 * Asks the node, as the coordinator reaches it; resolves to the text of the reason where it does not answer. One statement,
 * which a node that hangs keeps until the statement's timeout.
 */
export async function readNodeFacts(executor: Executor, { host, port }: Node): Promise<NodeFacts | string> {
  const [row] = await executor.read<{ success: boolean; result: string }>(sql`
    SELECT success, result FROM master_run_on_worker(
      ARRAY[${host}::text], ARRAY[${port}::integer], ARRAY[${FACTS}::text], false)`);
  if (row?.success !== true) return row?.result ?? "no answer";
  const facts: NodeFacts = JSON.parse(row.result);
  return facts;
}

const FACTS = `SELECT json_build_object(
  'version', current_setting('server_version_num')::integer / 10000,
  'citus', (SELECT extversion FROM pg_extension WHERE extname = 'citus'),
  'encoding', current_setting('server_encoding'),
  'locale', datcollate || '/' || datctype,
  'timeZone', current_setting('TimeZone'),
  'role', quote_ident(current_user),
  'statementTimeout', (SELECT setting::integer FROM pg_settings WHERE name = 'statement_timeout'),
  'lockTimeout', (SELECT setting::integer FROM pg_settings WHERE name = 'lock_timeout'))
  FROM pg_database WHERE datname = current_database()`;
