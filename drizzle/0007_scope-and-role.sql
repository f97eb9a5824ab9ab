-- What two rows must agree on, and what never changes, kept by triggers.

-- Appends and subscriptions find a conversation by its head, reads by itself: both must name the same user.
CREATE FUNCTION check_head_isolation_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM conversations
    WHERE project_id = NEW.project_id AND id = NEW.conversation_id
      AND isolation_key IS NOT DISTINCT FROM NEW.isolation_key
  ) THEN
    RAISE EXCEPTION 'the head of conversation % names another user', NEW.conversation_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'conversation_heads_isolation_key_check';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER conversation_heads_check_isolation_key AFTER INSERT OR UPDATE OF isolation_key ON conversation_heads
FOR EACH ROW EXECUTE FUNCTION check_head_isolation_key();
--> statement-breakpoint
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'this column of % is fixed when the row is made', TG_TABLE_NAME
    USING ERRCODE = 'check_violation', CONSTRAINT = TG_ARGV[0];
END $$;
--> statement-breakpoint
-- A user's conversations stay that user's.
CREATE TRIGGER conversations_fix_isolation_key BEFORE UPDATE OF isolation_key ON conversations
FOR EACH ROW WHEN (OLD.isolation_key IS DISTINCT FROM NEW.isolation_key)
EXECUTE FUNCTION refuse_change('conversations_isolation_key_fixed');
--> statement-breakpoint
-- A question that is answered stays a user's.
CREATE TRIGGER turns_fix_role BEFORE UPDATE OF role ON turns
FOR EACH ROW WHEN (OLD.role <> NEW.role)
EXECUTE FUNCTION refuse_change('turns_role_fixed');
