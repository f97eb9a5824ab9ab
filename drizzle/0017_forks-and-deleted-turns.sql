CREATE TABLE "deleted_turns" (
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
	"metadata" json NOT NULL,
	"bytes" integer NOT NULL,
	"deleted_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "deleted_turns_project_id_conversation_id_revision_pk" PRIMARY KEY("project_id","conversation_id","revision")
);
--> statement-breakpoint
ALTER TABLE "conversations" ADD COLUMN "forked_from_id" text COLLATE "C";--> statement-breakpoint
ALTER TABLE "conversations" ADD COLUMN "forked_turn_id" text COLLATE "C";--> statement-breakpoint
ALTER TABLE "deleted_turns" ADD CONSTRAINT "deleted_turns_conversation_fk" FOREIGN KEY ("project_id","conversation_id") REFERENCES "public"."conversations"("project_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "deleted_turns_deleted_at_idx" ON "deleted_turns" USING btree ("project_id","deleted_at");