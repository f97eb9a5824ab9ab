CREATE TABLE "items" (
	"project_id" text COLLATE "C" NOT NULL,
	"conversation_id" text COLLATE "C" NOT NULL,
	"position" integer NOT NULL,
	"place" integer NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"type" text NOT NULL,
	"call_id" text COLLATE "C",
	"fragments" integer,
	"bytes" integer NOT NULL,
	"item" json NOT NULL,
	CONSTRAINT "items_project_id_conversation_id_position_place_pk" PRIMARY KEY("project_id","conversation_id","position","place"),
	CONSTRAINT "items_project_id_id_conversation_id_key" UNIQUE("project_id","id","conversation_id"),
	CONSTRAINT "items_place_check" CHECK ("items"."position" >= 0 AND "items"."place" >= 1000000),
	CONSTRAINT "items_id_check" CHECK ("items"."id" ~ '^[A-Za-z0-9_-]+$' AND octet_length("items"."id") <= 64),
	CONSTRAINT "items_fragments_check" CHECK ("items"."fragments" IS NULL OR ("items"."fragments" >= 0 AND "items"."position" > 0)),
	CONSTRAINT "items_item_check" CHECK (json_typeof("items"."item") = 'object')
);
--> statement-breakpoint
ALTER TABLE "turn_chunks" DROP CONSTRAINT "turn_chunks_json_text_check";
--> statement-breakpoint
ALTER TABLE "idempotency_keys" ADD COLUMN "item_ids" text[];
--> statement-breakpoint
ALTER TABLE "turn_chunks" ADD COLUMN "conversation_id" text COLLATE "C";
--> statement-breakpoint
ALTER TABLE "turn_chunks" ADD COLUMN "words" "tsvector";
--> statement-breakpoint
ALTER TABLE "turns" ADD COLUMN "of_items" boolean DEFAULT false NOT NULL;
--> statement-breakpoint
ALTER TABLE "turns" ADD COLUMN "items_after" integer;
--> statement-breakpoint
ALTER TABLE "items" ADD CONSTRAINT "items_conversation_fk" FOREIGN KEY ("project_id","conversation_id") REFERENCES "public"."conversations"("project_id","id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
CREATE INDEX "items_call_id_idx" ON "items" USING btree ("project_id","conversation_id","call_id") WHERE "items"."call_id" IS NOT NULL;
--> statement-breakpoint
CREATE INDEX "turn_chunks_conversation_id_idx" ON "turn_chunks" USING btree ("project_id","conversation_id","revision") WHERE "turn_chunks"."conversation_id" IS NOT NULL;
--> statement-breakpoint
CREATE INDEX "turn_chunks_words_idx" ON "turn_chunks" USING gin ("project_id","words") WHERE "turn_chunks"."words" IS NOT NULL;
--> statement-breakpoint
-- NOT VALID: text in progress keeps the same rule, and no row has any other value yet, so that nothing needs to be scanned while
-- writers wait. The indexes are of a table that holds what streams at this moment.
ALTER TABLE "turn_chunks" ADD CONSTRAINT "turn_chunks_json_text_check" CHECK (CASE WHEN "turn_chunks"."conversation_id" IS NULL THEN "turn_chunks"."json_text" ~ '^([^"\\\u0001-\u001F]|\\(["\\/bfnrt]|u[0-9A-Fa-f]{4}))*$' ELSE is_message_fragments(('[' || substr("turn_chunks"."json_text", 2) || ']')::json) END) NOT VALID;
--> statement-breakpoint
ALTER TABLE "turns" ADD CONSTRAINT "turns_of_items_check" CHECK (NOT "turns"."of_items" OR "turns"."state" <> 'in-progress') NOT VALID;
--> statement-breakpoint
ALTER TABLE "turns" ADD CONSTRAINT "turns_items_after_check" CHECK ("turns"."items_after" IS NULL OR ("turns"."items_after" = "turns"."revision" AND "turns"."of_items")) NOT VALID;
--> statement-breakpoint
-- As for the other tables that pages read.
ALTER TABLE items SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.01, autovacuum_analyze_scale_factor = 0.01);
