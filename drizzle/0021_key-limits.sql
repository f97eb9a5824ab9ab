ALTER TABLE "keys" ADD COLUMN "isolation_key" text COLLATE "C";--> statement-breakpoint
ALTER TABLE "keys" ADD COLUMN "read_only" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "keys" ADD COLUMN "expires_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "keys" ADD COLUMN "last_used_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "keys" ADD COLUMN "replaced_by" text COLLATE "C";--> statement-breakpoint
ALTER TABLE "keys" ADD CONSTRAINT "keys_isolation_key_check" CHECK ("keys"."isolation_key" IS NULL OR ("keys"."access" = 'user' AND octet_length("keys"."isolation_key") BETWEEN 1 AND 256));