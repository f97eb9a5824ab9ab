CREATE TABLE "conversation_heads" (
	"project_id" text COLLATE "C" NOT NULL,
	"conversation_id" text COLLATE "C" NOT NULL,
	"isolation_key" text COLLATE "C",
	"updated_at" timestamp (3) with time zone NOT NULL,
	"revision" integer NOT NULL,
	"turn_count" integer NOT NULL,
	CONSTRAINT "conversation_heads_project_id_conversation_id_pk" PRIMARY KEY("project_id","conversation_id"),
	CONSTRAINT "conversation_heads_turn_count_check" CHECK ("conversation_heads"."turn_count" BETWEEN 0 AND "conversation_heads"."revision")
);
--> statement-breakpoint
CREATE TABLE "conversations" (
	"project_id" text COLLATE "C" NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"isolation_key" text COLLATE "C",
	"created_at" timestamp (3) with time zone NOT NULL,
	"agent_name" text COLLATE "C",
	"agent_version" text COLLATE "C",
	"metadata" json DEFAULT '{}' NOT NULL,
	CONSTRAINT "conversations_project_id_id_pk" PRIMARY KEY("project_id","id"),
	CONSTRAINT "conversations_id_check" CHECK ("conversations"."id" ~ '^[ -~]{1,128}$' AND NOT starts_with("conversations"."id", 'turn_')),
	CONSTRAINT "conversations_isolation_key_check" CHECK (octet_length("conversations"."isolation_key") BETWEEN 1 AND 256),
	CONSTRAINT "conversations_agent_check" CHECK (("conversations"."agent_name" IS NOT NULL OR "conversations"."agent_version" IS NULL) AND char_length("conversations"."agent_name") BETWEEN 1 AND 128 AND strpos("conversations"."agent_name", ':') = 0 AND char_length(coalesce("conversations"."agent_version", '1')) BETWEEN 1 AND 128),
	CONSTRAINT "conversations_metadata_check" CHECK (is_conversation_metadata("conversations"."metadata"))
);
--> statement-breakpoint
CREATE TABLE "imported_ids" (
	"project_id" text COLLATE "C" NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	CONSTRAINT "imported_ids_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "projects" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "projects_id_check" CHECK ("projects"."id" ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$')
);
--> statement-breakpoint
CREATE TABLE "turns" (
	"project_id" text COLLATE "C" NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"conversation_id" text COLLATE "C" NOT NULL,
	"position" integer NOT NULL,
	"revision" integer NOT NULL,
	"role" text NOT NULL,
	"state" text NOT NULL,
	"timestamp" timestamp (3) with time zone NOT NULL,
	"messages" json NOT NULL,
	"error_detail" text,
	"in_reply_to_id" text COLLATE "C",
	"words" "tsvector",
	"called_functions" text[],
	CONSTRAINT "turns_project_id_id_pk" PRIMARY KEY("project_id","id"),
	CONSTRAINT "turns_project_id_conversation_id_position_key" UNIQUE("project_id","conversation_id","position"),
	CONSTRAINT "turns_id_check" CHECK ("turns"."id" ~ '^[ -~]{1,128}$' AND NOT starts_with("turns"."id", 'conv_')),
	CONSTRAINT "turns_position_check" CHECK ("turns"."position" >= 1 AND "turns"."revision" >= 1),
	CONSTRAINT "turns_role_check" CHECK ("turns"."role" IN ('user', 'assistant')),
	CONSTRAINT "turns_state_check" CHECK ("turns"."state" IN ('in-progress', 'done', 'stopped', 'error')),
	CONSTRAINT "turns_user_state_check" CHECK ("turns"."role" = 'assistant' OR "turns"."state" = 'done'),
	CONSTRAINT "turns_error_detail_check" CHECK ("turns"."error_detail" IS NULL OR "turns"."state" = 'error'),
	CONSTRAINT "turns_in_reply_to_check" CHECK ("turns"."in_reply_to_id" IS NULL OR "turns"."role" = 'assistant'),
	CONSTRAINT "turns_messages_check" CHECK (is_message_fragments("turns"."messages"))
);
--> statement-breakpoint
ALTER TABLE "conversation_heads" ADD CONSTRAINT "conversation_heads_conversation_fk" FOREIGN KEY ("project_id","conversation_id") REFERENCES "public"."conversations"("project_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "conversations" ADD CONSTRAINT "conversations_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "turns" ADD CONSTRAINT "turns_conversation_fk" FOREIGN KEY ("project_id","conversation_id") REFERENCES "public"."conversations"("project_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "conversation_heads_updated_at_idx" ON "conversation_heads" USING btree ("project_id","updated_at","conversation_id");--> statement-breakpoint
CREATE INDEX "conversation_heads_isolation_key_updated_at_idx" ON "conversation_heads" USING btree ("project_id","isolation_key","updated_at","conversation_id");--> statement-breakpoint
CREATE INDEX "conversations_project_id_created_at_id_idx" ON "conversations" USING btree ("project_id","created_at","id");--> statement-breakpoint
CREATE INDEX "conversations_isolation_key_created_at_id_idx" ON "conversations" USING btree ("project_id","isolation_key","created_at","id");--> statement-breakpoint
CREATE INDEX "conversations_agent_name_created_at_id_idx" ON "conversations" USING btree ("project_id","agent_name","created_at","id");--> statement-breakpoint
CREATE INDEX "conversations_agent_version_created_at_id_idx" ON "conversations" USING btree ("project_id","agent_name","agent_version","created_at","id");--> statement-breakpoint
CREATE INDEX "conversations_isolation_key_agent_name_created_at_id_idx" ON "conversations" USING btree ("project_id","isolation_key","agent_name","created_at","id");--> statement-breakpoint
CREATE INDEX "conversations_isolation_key_agent_version_created_at_id_idx" ON "conversations" USING btree ("project_id","isolation_key","agent_name","agent_version","created_at","id");--> statement-breakpoint
CREATE INDEX "conversations_metadata_idx" ON "conversations" USING gin ("project_id",("metadata"::jsonb) jsonb_path_ops);--> statement-breakpoint
CREATE INDEX "turns_words_idx" ON "turns" USING gin ("project_id","words") WHERE "turns"."state" <> 'in-progress';--> statement-breakpoint
CREATE INDEX "turns_called_functions_idx" ON "turns" USING gin ("project_id","called_functions") WHERE "turns"."called_functions" IS NOT NULL;--> statement-breakpoint
CREATE INDEX "turns_state_idx" ON "turns" USING btree ("project_id","state","conversation_id") WHERE "turns"."state" <> 'done';