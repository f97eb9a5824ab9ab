-- Counts of conversations, kept by triggers in the transaction that changes what is counted.

-- Shares change with every new conversation: room on the page keeps the new version beside the old, and the index as it is.
ALTER TABLE conversation_counts SET (fillfactor = 50);
--> statement-breakpoint
-- A span is a day, or 32 days for one user, who has fewer conversations than a project.
CREATE FUNCTION conversation_count_seconds(of_user boolean) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT 86400 * CASE WHEN of_user THEN 32 ELSE 1 END
$$;
--> statement-breakpoint
CREATE FUNCTION conversation_count_bucket(instant timestamptz, of_user boolean) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT floor(extract(epoch FROM instant) / conversation_count_seconds(of_user))::integer
$$;
--> statement-breakpoint
-- The first instant of a bucket: a conversation of the bucket was created then or later, and before the next one's.
CREATE FUNCTION conversation_count_start(bucket integer, of_user boolean) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT to_timestamp(bucket::double precision * conversation_count_seconds(of_user))
$$;
--> statement-breakpoint
-- The lists that a conversation is in, up to six.
CREATE FUNCTION conversation_count_keys(isolation_key text, agent_name text, agent_version text, created_at timestamptz)
RETURNS TABLE (isolation_key text, agent_name text, agent_version text, bucket integer)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT whose.isolation_key, agent.name, agent.version, conversation_count_bucket($4, whose.isolation_key <> '')
  FROM (VALUES (''), ($1)) AS whose (isolation_key), (VALUES ('', ''), ($2, ''), ($2, $3)) AS agent (name, version)
  WHERE whose.isolation_key IS NOT NULL AND agent.name IS NOT NULL AND agent.version IS NOT NULL
$$;
--> statement-breakpoint
-- Adds the changes, at most one for a bucket, to shares that no other transaction is changing. It waits for nobody, so
-- writers neither queue up for a project's busiest bucket nor deadlock. What is taken away is taken from all free shares
-- of the bucket together: with the last conversation of a user go the rows that name the user.
CREATE FUNCTION change_conversation_counts(changes conversation_counts[]) RETURNS void
-- One plan for every call: a new one would take several times as long as the changes do.
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  WITH held AS MATERIALIZED (
    SELECT change.project_id, change.isolation_key, change.agent_name, change.agent_version, change.bucket,
      change.count AS change, free.share, free.count
    FROM unnest(changes) AS change LEFT JOIN LATERAL (
      SELECT n.share, n.count FROM conversation_counts n
      WHERE n.project_id = change.project_id AND n.isolation_key = change.isolation_key
        AND n.agent_name = change.agent_name AND n.agent_version = change.agent_version AND n.bucket = change.bucket
      LIMIT CASE WHEN change.count > 0 THEN 1 END FOR UPDATE SKIP LOCKED
    ) AS free ON true
  ), kept AS MATERIALIZED (
    SELECT project_id, isolation_key, agent_name, agent_version, bucket,
      min(share) AS share, coalesce(sum(count), 0) + min(change) AS count
    FROM held GROUP BY project_id, isolation_key, agent_name, agent_version, bucket
  ), changed AS (
    UPDATE conversation_counts n SET count = kept.count FROM kept
    WHERE n.project_id = kept.project_id AND n.isolation_key = kept.isolation_key AND n.agent_name = kept.agent_name
      AND n.agent_version = kept.agent_version AND n.bucket = kept.bucket AND n.share = kept.share AND kept.count <> 0
  ), folded AS (
    DELETE FROM conversation_counts n USING held JOIN kept USING (project_id, isolation_key, agent_name, agent_version, bucket)
    WHERE n.project_id = held.project_id AND n.isolation_key = held.isolation_key AND n.agent_name = held.agent_name
      AND n.agent_version = held.agent_version AND n.bucket = held.bucket AND n.share = held.share
      AND (held.share <> kept.share OR kept.count = 0)
  )
  INSERT INTO conversation_counts (project_id, isolation_key, agent_name, agent_version, bucket, count)
  SELECT project_id, isolation_key, agent_name, agent_version, bucket, count FROM kept WHERE share IS NULL AND count <> 0;
END $$;
--> statement-breakpoint
CREATE FUNCTION count_conversations() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM change_conversation_counts(array_agg(change)) FROM (
    SELECT ROW(c.project_id, k.isolation_key, k.agent_name, k.agent_version, k.bucket, NULL,
      CASE TG_OP WHEN 'INSERT' THEN count(*) ELSE -count(*) END)::conversation_counts AS change
    FROM changed c, conversation_count_keys(c.isolation_key, c.agent_name, c.agent_version, c.created_at) k
    GROUP BY c.project_id, k.isolation_key, k.agent_name, k.agent_version, k.bucket
  ) AS changes;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER conversations_count_added AFTER INSERT ON conversations
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_conversations();
--> statement-breakpoint
CREATE TRIGGER conversations_count_removed AFTER DELETE ON conversations
REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_conversations();
--> statement-breakpoint
-- An import may name another agent of a known conversation.
CREATE FUNCTION recount_conversation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM change_conversation_counts(array_agg(
    ROW(OLD.project_id, k.isolation_key, k.agent_name, k.agent_version, k.bucket, NULL, -1)::conversation_counts))
  FROM conversation_count_keys(OLD.isolation_key, OLD.agent_name, OLD.agent_version, OLD.created_at) k;
  PERFORM change_conversation_counts(array_agg(
    ROW(NEW.project_id, k.isolation_key, k.agent_name, k.agent_version, k.bucket, NULL, 1)::conversation_counts))
  FROM conversation_count_keys(NEW.isolation_key, NEW.agent_name, NEW.agent_version, NEW.created_at) k;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER conversations_recount AFTER UPDATE ON conversations FOR EACH ROW
WHEN ((OLD.project_id, OLD.isolation_key, OLD.agent_name, OLD.agent_version, OLD.created_at)
  IS DISTINCT FROM (NEW.project_id, NEW.isolation_key, NEW.agent_name, NEW.agent_version, NEW.created_at))
EXECUTE FUNCTION recount_conversation();
--> statement-breakpoint
CREATE FUNCTION forget_conversation_counts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  TRUNCATE conversation_counts;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER conversations_forget_counts AFTER TRUNCATE ON conversations
FOR EACH STATEMENT EXECUTE FUNCTION forget_conversation_counts();
--> statement-breakpoint
-- What is stored already: the triggers above keep writers out until this is committed. Sorted, so that a list's counts lie together.
INSERT INTO conversation_counts (project_id, isolation_key, agent_name, agent_version, bucket, count)
SELECT c.project_id, k.isolation_key, k.agent_name, k.agent_version, k.bucket, count(*)
FROM conversations c, conversation_count_keys(c.isolation_key, c.agent_name, c.agent_version, c.created_at) k
GROUP BY c.project_id, k.isolation_key, k.agent_name, k.agent_version, k.bucket
ORDER BY c.project_id, k.isolation_key, k.agent_name, k.agent_version, k.bucket;
