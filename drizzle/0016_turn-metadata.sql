ALTER TABLE "conversation_heads" ADD COLUMN "described_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "turns" ADD COLUMN "metadata" json DEFAULT '{}' NOT NULL;--> statement-breakpoint
-- NOT VALID: every row has the default, so that nothing needs to be scanned while writers wait.
ALTER TABLE "turns" ADD CONSTRAINT "turns_metadata_check" CHECK ("turns"."metadata"::text = '{}' OR is_conversation_metadata("turns"."metadata")) NOT VALID;