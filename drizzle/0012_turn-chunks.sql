CREATE TABLE "turn_chunks" (
	"project_id" text COLLATE "C" NOT NULL,
	"turn_id" text COLLATE "C" NOT NULL,
	"revision" integer NOT NULL,
	"previous_revision" integer NOT NULL,
	"fragment" integer NOT NULL,
	"length" integer NOT NULL,
	"unfolded_bytes" integer NOT NULL,
	"json_text" text NOT NULL,
	CONSTRAINT "turn_chunks_project_id_turn_id_revision_pk" PRIMARY KEY("project_id","turn_id","revision"),
	CONSTRAINT "turn_chunks_revision_check" CHECK ("turn_chunks"."revision" > "turn_chunks"."previous_revision"),
	CONSTRAINT "turn_chunks_json_text_check" CHECK ("turn_chunks"."json_text" ~ '^([^"\\\u0001-\u001F]|\\(["\\/bfnrt]|u[0-9A-Fa-f]{4}))*$')
);
--> statement-breakpoint
ALTER TABLE "turns" ADD COLUMN "chunks_after" integer;--> statement-breakpoint
ALTER TABLE "turn_chunks" ADD CONSTRAINT "turn_chunks_turn_fk" FOREIGN KEY ("project_id","turn_id") REFERENCES "public"."turns"("project_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
-- NOT VALID: no row has a value yet, so that nothing needs to be scanned while writers wait.
ALTER TABLE "turns" ADD CONSTRAINT "turns_chunks_after_check" CHECK ("turns"."chunks_after" IS NULL OR ("turns"."chunks_after" = "turns"."revision" AND "turns"."state" = 'in-progress')) NOT VALID;