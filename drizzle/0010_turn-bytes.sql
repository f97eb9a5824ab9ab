ALTER TABLE "turns" ADD COLUMN "bytes" integer;
--> statement-breakpoint
-- Of the rows that are there the long ones alone, so that of a short one, which stays null, the size is soon told from its text.
UPDATE turns SET bytes = octet_length(messages::text) + coalesce(octet_length(error_detail), 0)
WHERE pg_column_compression(messages) IS NOT NULL OR pg_column_size(messages) > 2000
  OR pg_column_compression(error_detail) IS NOT NULL OR pg_column_size(error_detail) > 2000;
--> statement-breakpoint
-- For rows to come: longer turns that are there stay readable.
ALTER TABLE "turns" ADD CONSTRAINT "turns_bytes_check" CHECK ("turns"."bytes" <= 2097152) NOT VALID;
--> statement-breakpoint
-- Kept here, for whoever writes: a page adds sizes up, and would have to unpack every turn to tell them.
CREATE FUNCTION set_turn_bytes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.bytes := octet_length(NEW.messages::text) + coalesce(octet_length(NEW.error_detail), 0);
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER turns_set_bytes BEFORE INSERT OR UPDATE OF messages, error_detail, bytes ON turns
FOR EACH ROW EXECUTE FUNCTION set_turn_bytes();
