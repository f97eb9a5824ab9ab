import { type SQL, sql } from "drizzle-orm";

import type { Ordering } from "../../relay/ordering.ts";
import { isVisible, type Scope } from "../sql/scope.ts";
import { conversationCounts } from "../tables/conversation-counts.ts";
import { conversations } from "../tables/conversations.ts";

/** A list whose conversations are counted as they come and go: all that the scope sees, of one agent or of every agent. */
export interface CountedList {
  scope: Scope;
  /** null for every agent. */
  agentName: string | null;
  /** null for every version; given only with a name. */
  agentVersion: string | null;
}

/** A scalar subselect of how many conversations the list has. Reads one row or a few for each of the list's days. */
export function totalOf(list: CountedList): SQL {
  return sql`(SELECT coalesce(sum(n.count), 0)::integer ${sharesOf(list)})`;
}

/**
 * A subselect of the key, `(created_at, id)`, of the conversation that this many precede in the list; no row when there
 * are no more than that. `matches` is the list's condition on `conversations` as `c`. Passes over whole days by their
 * counts, and then over the conversations of one day (of 32 days, in a user's list) in the index of the list.
 */
export function keyAtOffset(list: CountedList, matches: SQL, direction: Ordering["direction"], offset: number): SQL {
  const order = sql.raw(direction);
  const ofUser = list.scope.isolationKey !== null;
  const fromBucket =
    direction === "ASC"
      ? sql`c.created_at >= conversation_count_start(bucket, ${ofUser})`
      : sql`c.created_at < conversation_count_start(bucket + 1, ${ofUser})`;
  return sql`(SELECT place.created_at, place.id FROM (
    SELECT bucket, ${offset} - (running - count) AS rest FROM (
      SELECT n.bucket, sum(n.count) AS count, sum(sum(n.count)) OVER (ORDER BY n.bucket ${order}) AS running
      ${sharesOf(list)} GROUP BY n.bucket ORDER BY n.bucket ${order}
    ) AS buckets WHERE running > ${offset} ORDER BY bucket ${order} LIMIT 1
  ) AS entry, LATERAL (
    SELECT c.created_at, c.id FROM ${conversations} c WHERE ${matches} AND ${fromBucket}
    ORDER BY c.created_at ${order}, c.id ${order} OFFSET entry.rest::bigint LIMIT 1
  ) AS place)`;
}

function sharesOf({ scope, agentName, agentVersion }: CountedList): SQL {
  return sql`FROM ${conversationCounts} n
    WHERE ${isVisible(scope, "n")} AND n.agent_name = ${agentName ?? ""} AND n.agent_version = ${agentVersion ?? ""}`;
}
