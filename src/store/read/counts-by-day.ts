import { type SQL, sql } from "drizzle-orm";

import type { Executor } from "../database/executor.ts";
import type { Scope } from "../sql/scope.ts";
import { conversationCounts } from "../tables/conversation-counts.ts";
import { conversations } from "../tables/conversations.ts";
import { matches } from "./conversations.ts";

export const DAY_MS = 86_400_000;

/** The conversations to count. */
export interface CountedByDay {
  /** The first instant of the span, and the first after it. */
  from: Date;
  to: Date;
  /** null for every agent, and none. */
  agentName: string | null;
}

/**
 * How many of the scope's conversations were created on each day of the span, by the day's number from 1970, in UTC; days
 * without any are left out. One statement. Whole days of a project are read from the counts that are kept; their parts at both
 * ends, and a user's days, from the conversations.
 */
export async function countByDay(
  executor: Executor,
  scope: Scope,
  { from, to, agentName }: CountedByDay,
): Promise<Map<number, number>> {
  const firstDay = Math.ceil(from.getTime() / DAY_MS);
  const endDay = Math.floor(to.getTime() / DAY_MS);
  const isKept = scope.isolationKey === null && agentName !== "" && firstDay < endDay;
  const first = new Date(firstDay * DAY_MS);
  const end = new Date(endDay * DAY_MS);
  const parts = isKept
    ? [
        keptDays(scope, agentName, firstDay, endDay),
        created(scope, agentName, from, first),
        created(scope, agentName, end, to),
      ]
    : [created(scope, agentName, from, to)];
  const rows = await executor.read<{ day: number; count: number }>(sql`
    SELECT day, sum(count)::integer AS count FROM (${sql.join(parts, sql` UNION ALL `)}) AS days GROUP BY day`);
  return new Map(rows.map(({ day, count }) => [day, count]));
}

function keptDays({ projectId }: Scope, agentName: string | null, firstDay: number, endDay: number): SQL {
  return sql`
    SELECT n.bucket AS day, n.count FROM ${conversationCounts} n
    WHERE n.project_id = ${projectId} AND n.isolation_key = '' AND n.agent_name = ${agentName ?? ""} AND n.agent_version = ''
      AND n.bucket >= ${firstDay}::integer AND n.bucket < ${endDay}::integer`;
}

function created(scope: Scope, agentName: string | null, createdFrom: Date, createdBefore: Date): SQL {
  const filter = { agentNames: agentName === null ? [] : [agentName], createdFrom, createdBefore };
  return sql`
    SELECT conversation_count_bucket(c.created_at, false) AS day, 1 AS count FROM ${conversations} c
    WHERE ${matches(scope, filter)}`;
}
