-- One user's list of an agent is read from the user's own list, and counted in it: its counts go. First, as this takes
-- longest and keeps no writer out; what is added until writers are kept out goes further below.
DELETE FROM conversation_counts WHERE isolation_key <> '' AND agent_name <> '';
--> statement-breakpoint
DROP INDEX "conversations_isolation_key_agent_name_created_at_id_idx";--> statement-breakpoint
DROP INDEX "conversations_isolation_key_agent_version_created_at_id_idx";--> statement-breakpoint
-- The lists that a conversation is in, up to four.
CREATE OR REPLACE FUNCTION conversation_count_keys(isolation_key text, agent_name text, agent_version text, created_at timestamptz)
RETURNS TABLE (isolation_key text, agent_name text, agent_version text, bucket integer)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT list.isolation_key, list.name, list.version, conversation_count_bucket($4, list.isolation_key <> '')
  FROM (VALUES ('', '', ''), ($1, '', ''), ('', $2, ''), ('', $2, $3)) AS list (isolation_key, name, version)
  WHERE list.isolation_key IS NOT NULL AND list.name IS NOT NULL AND list.version IS NOT NULL
$$;
--> statement-breakpoint
-- Adds the changes, at most one for a bucket, to shares that no other transaction is changing: it waits for nobody. It adds
-- to shares above 0 only, which this program's own transactions never wait for. What is taken away is taken from all free
-- shares of the bucket together: with the last conversation of a user go the rows that name the user.
CREATE OR REPLACE FUNCTION change_conversation_counts(changes conversation_counts[]) RETURNS void
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
        AND (n.share > 0 OR change.count < 0)
      LIMIT CASE WHEN change.count > 0 THEN 1 END FOR UPDATE SKIP LOCKED
    ) AS free ON true
  ), kept AS MATERIALIZED (
    SELECT project_id, isolation_key, agent_name, agent_version, bucket,
      max(share) AS share, coalesce(sum(count), 0) + min(change) AS count
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
-- A transaction of this program enters ids, counts, and checks replies and users itself, and says so by the setting
-- `conversation_graph.kept`, for itself alone. The triggers keep the same for every other writer: other programs, and
-- servers of an earlier version.
CREATE OR REPLACE TRIGGER conversations_enter_imported_id AFTER INSERT ON conversations FOR EACH ROW
WHEN (NOT starts_with(NEW.id, 'conv_') AND current_setting('conversation_graph.kept', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION enter_imported_id();
--> statement-breakpoint
CREATE OR REPLACE TRIGGER conversations_remove_imported_id AFTER DELETE ON conversations FOR EACH ROW
WHEN (NOT starts_with(OLD.id, 'conv_') AND current_setting('conversation_graph.kept', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION remove_imported_id();
--> statement-breakpoint
CREATE OR REPLACE TRIGGER conversations_count_added AFTER INSERT ON conversations
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT
WHEN (current_setting('conversation_graph.kept', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION count_conversations();
--> statement-breakpoint
CREATE OR REPLACE TRIGGER conversations_count_removed AFTER DELETE ON conversations
REFERENCING OLD TABLE AS changed FOR EACH STATEMENT
WHEN (current_setting('conversation_graph.kept', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION count_conversations();
--> statement-breakpoint
CREATE OR REPLACE TRIGGER conversations_recount AFTER UPDATE ON conversations FOR EACH ROW
WHEN ((OLD.project_id, OLD.isolation_key, OLD.agent_name, OLD.agent_version, OLD.created_at)
  IS DISTINCT FROM (NEW.project_id, NEW.isolation_key, NEW.agent_name, NEW.agent_version, NEW.created_at)
  AND current_setting('conversation_graph.kept', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION recount_conversation();
--> statement-breakpoint
CREATE OR REPLACE TRIGGER conversation_heads_check_isolation_key AFTER INSERT OR UPDATE OF isolation_key ON conversation_heads
FOR EACH ROW WHEN (current_setting('conversation_graph.kept', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION check_head_isolation_key();
--> statement-breakpoint
CREATE OR REPLACE TRIGGER turns_enter_imported_id AFTER INSERT ON turns FOR EACH ROW
WHEN (NOT starts_with(NEW.id, 'turn_') AND current_setting('conversation_graph.kept', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION enter_imported_id();
--> statement-breakpoint
CREATE OR REPLACE TRIGGER turns_remove_imported_id AFTER DELETE ON turns FOR EACH ROW
WHEN (NOT starts_with(OLD.id, 'turn_') AND current_setting('conversation_graph.kept', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION remove_imported_id();
--> statement-breakpoint
CREATE OR REPLACE TRIGGER turns_check_in_reply_to AFTER INSERT OR UPDATE OF in_reply_to_id, conversation_id ON turns FOR EACH ROW
WHEN (NEW.in_reply_to_id IS NOT NULL AND current_setting('conversation_graph.kept', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION check_in_reply_to();
--> statement-breakpoint
DELETE FROM conversation_counts WHERE isolation_key <> '' AND agent_name <> '';
