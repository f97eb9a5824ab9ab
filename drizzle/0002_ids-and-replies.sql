-- Rules that span rows, kept by triggers because no CHECK can see another row.

INSERT INTO projects (id) VALUES ('default');
--> statement-breakpoint
-- An id names one object of its project. Ids with a kind's own prefix cannot collide across kinds (the other kind's
-- CHECK refuses them); the rest are entered here, where the primary key refuses the second of two concurrent writers.
CREATE FUNCTION enter_imported_id() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO imported_ids (project_id, id) VALUES (NEW.project_id, NEW.id);
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE FUNCTION remove_imported_id() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM imported_ids WHERE project_id = OLD.project_id AND id = OLD.id;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER conversations_enter_imported_id AFTER INSERT ON conversations
FOR EACH ROW WHEN (NOT starts_with(NEW.id, 'conv_')) EXECUTE FUNCTION enter_imported_id();
--> statement-breakpoint
CREATE TRIGGER conversations_remove_imported_id AFTER DELETE ON conversations
FOR EACH ROW WHEN (NOT starts_with(OLD.id, 'conv_')) EXECUTE FUNCTION remove_imported_id();
--> statement-breakpoint
CREATE TRIGGER turns_enter_imported_id AFTER INSERT ON turns
FOR EACH ROW WHEN (NOT starts_with(NEW.id, 'turn_')) EXECUTE FUNCTION enter_imported_id();
--> statement-breakpoint
CREATE TRIGGER turns_remove_imported_id AFTER DELETE ON turns
FOR EACH ROW WHEN (NOT starts_with(OLD.id, 'turn_')) EXECUTE FUNCTION remove_imported_id();
--> statement-breakpoint
-- A reply answers a user turn of the same conversation. Turns leave only with their conversation, so it is checked once.
CREATE FUNCTION check_in_reply_to() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM turns AS question
    WHERE question.project_id = NEW.project_id AND question.id = NEW.in_reply_to_id
      AND question.conversation_id = NEW.conversation_id AND question.role = 'user'
  ) THEN
    RAISE EXCEPTION 'turn % does not reply to a user turn of its conversation', NEW.id
      USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'turns_in_reply_to_fk';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
-- Deferred to the end of the statement (an AFTER trigger), so that question and answer may come in one statement, in any order.
CREATE TRIGGER turns_check_in_reply_to AFTER INSERT OR UPDATE OF in_reply_to_id, conversation_id ON turns
FOR EACH ROW WHEN (NEW.in_reply_to_id IS NOT NULL) EXECUTE FUNCTION check_in_reply_to();
