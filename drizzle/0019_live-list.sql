CREATE TABLE "deleted_conversations" (
	"project_id" text COLLATE "C" NOT NULL,
	"conversation_id" text COLLATE "C" NOT NULL,
	"isolation_key" text COLLATE "C",
	"deleted_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "deleted_conversations_project_id_conversation_id_pk" PRIMARY KEY("project_id","conversation_id")
);
--> statement-breakpoint
ALTER TABLE "conversation_heads" ADD COLUMN "changed_at" timestamp (3) with time zone DEFAULT '0001-01-01T00:00:00Z' NOT NULL;--> statement-breakpoint
CREATE INDEX "deleted_conversations_deleted_at_idx" ON "deleted_conversations" USING btree ("project_id","deleted_at");--> statement-breakpoint
CREATE INDEX "deleted_conversations_isolation_key_deleted_at_idx" ON "deleted_conversations" USING btree ("project_id","isolation_key","deleted_at");--> statement-breakpoint
CREATE INDEX "conversation_heads_changed_at_idx" ON "conversation_heads" USING btree ("project_id","changed_at","conversation_id");--> statement-breakpoint
-- The clock of the database, whichever process writes. Not with every word that streams: where no indexed column changes, the
-- indexes stay as they are.
CREATE FUNCTION set_head_changed_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.changed_at := clock_timestamp();
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER conversation_heads_inserted BEFORE INSERT ON conversation_heads
FOR EACH ROW EXECUTE FUNCTION set_head_changed_at();
--> statement-breakpoint
CREATE TRIGGER conversation_heads_updated BEFORE UPDATE ON conversation_heads FOR EACH ROW
WHEN (NEW.updated_at <> OLD.updated_at OR OLD.changed_at < clock_timestamp() - interval '1 second')
EXECUTE FUNCTION set_head_changed_at();
--> statement-breakpoint
CREATE FUNCTION enter_deleted_conversation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO deleted_conversations (project_id, conversation_id, isolation_key, deleted_at)
  VALUES (OLD.project_id, OLD.id, OLD.isolation_key, clock_timestamp())
  ON CONFLICT (project_id, conversation_id)
  DO UPDATE SET isolation_key = excluded.isolation_key, deleted_at = excluded.deleted_at;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER conversations_enter_deleted AFTER DELETE ON conversations FOR EACH ROW
WHEN (current_setting('conversation_graph.kept', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION enter_deleted_conversation();
