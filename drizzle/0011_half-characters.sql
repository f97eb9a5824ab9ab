ALTER TABLE "turns" ADD COLUMN "high_surrogate" integer;
--> statement-breakpoint
-- NOT VALID: no row has a value yet, so that nothing needs to be scanned while writers wait.
ALTER TABLE "turns" ADD CONSTRAINT "turns_high_surrogate_check" CHECK ("turns"."high_surrogate" IS NULL OR ("turns"."high_surrogate" BETWEEN 55296 AND 56319 AND "turns"."state" = 'in-progress')) NOT VALID;
