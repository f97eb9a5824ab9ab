import { type SQL, sql } from "drizzle-orm";

// PostgreSQL spells an instant by the session's TimeZone and DateStyle, which are not ours behind a pooler, nor on another
// machine of a distributed database. These are the two forms in which instants leave it: no setting changes them.

/**
 * An expression of a SELECT or RETURNING list: the instant in milliseconds since 1970, which the driver reads as a Date. The zone
 * makes it immutable: Citus takes nothing else in a RETURNING list.
 */
export function toMilliseconds(at: SQL): SQL {
  return sql`(extract(epoch FROM ${at} AT TIME ZONE 'UTC') * 1000)::bigint`;
}

/** An expression: the instant in UTC as JSON, in quotes and without a zone, for callers that pass it on unread. */
export function toUtcJson(at: SQL): SQL {
  return sql`to_json(${at} AT TIME ZONE 'UTC')::text`;
}
