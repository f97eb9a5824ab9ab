import { type SQL, sql } from "drizzle-orm";

import type { Slice } from "../../relay/connection.ts";
import type { Key } from "../../relay/ordering.ts";
import type { Page } from "../../relay/page.ts";
import type { Executor } from "../database/executor.ts";
import { toMilliseconds } from "../sql/instants.ts";
import { type FoundRow, type List, pageSource, toSlice } from "../sql/keyset.ts";
import { textArray } from "../sql/parameters.ts";
import { isVisible, type Scope } from "../sql/scope.ts";
import { conversationCounts } from "../tables/conversation-counts.ts";
import { conversationHeads, conversations } from "../tables/conversations.ts";

/** An agent that conversations of the scope are with. */
export interface AgentRow {
  /** Its name. */
  id: string;
  /** In their order; without the one that has no name. */
  versions: string[];
  conversationCount: number;
}

/**
 * A page of the agents that the scope's conversations are with, by name. One statement. A project's are read from the counts
 * that are kept, a few rows for each day of an agent; a user's from that user's conversations.
 */
export async function readAgents(executor: Executor, scope: Scope, page: Page): Promise<Slice<AgentRow>> {
  const columns = sql`a.name AS id, a.versions, a.count AS "conversationCount"`;
  const list: List = { source: sql`FROM (${agentsOf(scope)}) AS a WHERE true`, columns, order: [sql`a.name`] };
  return toSlice(page, await executor.read<FoundRow<AgentRow>>(sql`SELECT * FROM ${pageSource(page, list)}`));
}

/** How many agents there are. One statement. */
export async function countAgents(executor: Executor, scope: Scope): Promise<number> {
  const [row] = await executor.read<{ count: number }>(
    sql`SELECT count(*)::integer AS count FROM (${agentsOf(scope)}) AS a`,
  );
  return row?.count ?? 0;
}

/** The agent's place in the list. */
export function agentKey({ id }: AgentRow): Key {
  return [id];
}

/**
 * The last activity in the conversations of each of the agents, by name; an agent without conversations is left out. One
 * statement, which reads as many rows as they have conversations.
 */
export async function readLastActivity(
  executor: Executor,
  scope: Scope,
  names: readonly string[],
): Promise<Map<string, Date>> {
  const rows = await executor.read<{ name: string; last: Date }>(sql`
    SELECT c.agent_name AS name, ${toMilliseconds(sql`max(h.updated_at)`)} AS last
    FROM ${conversations} c JOIN ${conversationHeads} h ON h.conversation_id = c.id
    WHERE ${isVisible(scope, "c")} AND h.project_id = ${scope.projectId} AND c.agent_name = ANY(${textArray(names)})
    GROUP BY c.agent_name`);
  return new Map(rows.map(({ name, last }) => [name, last]));
}

// Of each agent the name, the versions and the count.
function agentsOf(scope: Scope): SQL {
  const isOfUser = scope.isolationKey !== null;
  const total = isOfUser ? sql`sum(v.count)` : sql`coalesce(sum(v.count) FILTER (WHERE v.version = ''), 0)`;
  return sql`
    SELECT v.name, ${total}::integer AS count,
      coalesce(json_agg(v.version ORDER BY v.version) FILTER (WHERE v.version <> '' AND v.count > 0), '[]') AS versions
    FROM (${isOfUser ? versionsOfUser(scope) : versionsOfProject(scope)}) AS v GROUP BY v.name HAVING ${total} > 0`;
}

// Under no version stand those of every one.
function versionsOfProject({ projectId }: Scope): SQL {
  return sql`
    SELECT n.agent_name AS name, n.agent_version AS version, sum(n.count) AS count FROM ${conversationCounts} n
    WHERE n.project_id = ${projectId} AND n.isolation_key = '' AND n.agent_name > ''
    GROUP BY n.agent_name, n.agent_version`;
}

function versionsOfUser(scope: Scope): SQL {
  return sql`
    SELECT c.agent_name AS name, coalesce(c.agent_version, '') AS version, count(*) AS count FROM ${conversations} c
    WHERE ${isVisible(scope, "c")} AND c.agent_name IS NOT NULL GROUP BY c.agent_name, coalesce(c.agent_version, '')`;
}
