CREATE TABLE "idempotency_keys" (
	"project_id" text COLLATE "C" NOT NULL,
	"isolation_key" text COLLATE "C" NOT NULL,
	"key" text COLLATE "C" NOT NULL,
	"input_hash" text NOT NULL,
	"conversation_id" text COLLATE "C" NOT NULL,
	"turn_id" text COLLATE "C",
	CONSTRAINT "idempotency_keys_project_id_isolation_key_key_pk" PRIMARY KEY("project_id","isolation_key","key"),
	CONSTRAINT "idempotency_keys_key_check" CHECK (char_length("idempotency_keys"."key") BETWEEN 1 AND 255)
);
--> statement-breakpoint
ALTER TABLE "idempotency_keys" ADD CONSTRAINT "idempotency_keys_conversation_fk" FOREIGN KEY ("project_id","conversation_id") REFERENCES "public"."conversations"("project_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "idempotency_keys_conversation_id_idx" ON "idempotency_keys" USING btree ("project_id","conversation_id");--> statement-breakpoint
CREATE INDEX "turns_revision_idx" ON "turns" USING btree ("project_id","conversation_id","revision");