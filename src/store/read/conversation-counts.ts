import { type SQL, sql } from "drizzle-orm";

import type { Ordering } from "../../relay/ordering.ts";
import { instant } from "../sql/parameters.ts";
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

/** A span of time, its first instant included and its end not; without bounds all of it. */
export interface TimeSpan {
  createdFrom?: Date | undefined;
  createdBefore?: Date | undefined;
}

/**
 * A scalar subselect of how many conversations of the span the list has; `matches` is the list's condition on
 * `conversations` as `c`. Reads one row or a few for each of the list's days, and the conversations of the days that the
 * span has a part of, which are its first and its last one.
 */
export function totalOf(list: CountedList, matches: SQL, { createdFrom, createdBefore }: TimeSpan): SQL {
  const ofUser = list.scope.isolationKey !== null;
  const bucketOf = (bound: Date) => sql`conversation_count_bucket(${instant(bound)}, ${ofUser})`;
  const between: SQL[] = [];
  const edges: SQL[] = [];
  const addEdge = (from: SQL, before: SQL) => {
    const inEdge = sql`c.created_at >= ${from} AND c.created_at < ${before}`;
    edges.push(sql` + (SELECT count(*) FROM ${conversations} c WHERE ${matches} AND ${inEdge})`);
  };
  const second = createdFrom && sql`conversation_count_start(${bucketOf(createdFrom)} + 1, ${ofUser})`;
  if (createdFrom !== undefined && second !== undefined) {
    between.push(sql` AND n.bucket > ${bucketOf(createdFrom)}`);
    addEdge(
      instant(createdFrom),
      createdBefore === undefined ? second : sql`least(${second}, ${instant(createdBefore)})`,
    );
  }
  if (createdBefore !== undefined) {
    between.push(sql` AND n.bucket < ${bucketOf(createdBefore)}`);
    const last = sql`conversation_count_start(${bucketOf(createdBefore)}, ${ofUser})`;
    // Where both bounds are of one day, all of the span was counted with the first.
    addEdge(second === undefined ? last : sql`greatest(${last}, ${second})`, instant(createdBefore));
  }
  const whole = sql`(SELECT coalesce(sum(n.count), 0) ${sharesOf(list)}${sql.join(between)})`;
  return sql`(${whole}${sql.join(edges)})::integer`;
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
