import { sql } from "drizzle-orm";

import type { Executor } from "../../src/store/database/executor.ts";

/** Everything in which the tables disagree: counts, ids of objects, users of heads, replies. Nothing in a sound database. */
export function brokenRules(executor: Executor): Promise<{ broken: string }[]> {
  return executor.rows(sql`
    WITH kept AS (
      SELECT project_id, isolation_key, agent_name, agent_version, bucket, sum(count) AS count
      FROM conversation_counts GROUP BY 1, 2, 3, 4, 5 HAVING sum(count) <> 0 OR isolation_key <> ''
    ), counted AS (
      SELECT c.project_id, k.isolation_key, k.agent_name, k.agent_version, k.bucket, count(*) AS count
      FROM conversations c, conversation_count_keys(c.isolation_key, c.agent_name, c.agent_version, c.created_at) k
      GROUP BY 1, 2, 3, 4, 5
    ), entered AS (
      SELECT project_id, id FROM conversations WHERE NOT starts_with(id, 'conv_')
      UNION ALL SELECT project_id, id FROM turns WHERE NOT starts_with(id, 'turn_')
    )
    SELECT 'count: ' || row(kept.*)::text || ' of ' || row(counted.*)::text AS broken FROM kept FULL JOIN counted
      USING (project_id, isolation_key, agent_name, agent_version, bucket) WHERE kept.count IS DISTINCT FROM counted.count
    UNION ALL SELECT 'id entered: ' || row(e.*)::text FROM (TABLE imported_ids EXCEPT ALL TABLE entered) AS e
    UNION ALL SELECT 'id not entered: ' || row(e.*)::text FROM (TABLE entered EXCEPT ALL TABLE imported_ids) AS e
    UNION ALL SELECT 'head: ' || c.id FROM conversations c LEFT JOIN conversation_heads h
      ON h.project_id = c.project_id AND h.conversation_id = c.id AND h.isolation_key IS NOT DISTINCT FROM c.isolation_key
      WHERE h.conversation_id IS NULL
    UNION ALL SELECT 'reply: ' || t.id FROM turns t WHERE t.in_reply_to_id IS NOT NULL AND NOT EXISTS (
      SELECT FROM turns q WHERE q.project_id = t.project_id AND q.id = t.in_reply_to_id
        AND q.conversation_id = t.conversation_id AND q.role = 'user')`);
}

/** Drops every trigger that looks at another table, as a database that spreads the tables over machines has none. */
export async function dropTriggers(executor: Executor): Promise<void> {
  const dropped = await executor.rows<{ statement: string }>(sql`
    SELECT format('DROP TRIGGER %I ON %s', t.tgname, t.tgrelid::regclass) AS statement
    FROM pg_trigger t JOIN pg_proc f ON f.oid = t.tgfoid
    WHERE NOT t.tgisinternal AND f.proname NOT IN ('refuse_change', 'set_turn_bytes', 'set_head_changed_at', 'set_title_words')`);
  for (const { statement } of dropped) await executor.rows(sql.raw(statement));
}
