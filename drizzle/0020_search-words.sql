-- The words of index and search, whatever the locale of the database: the parser of PostgreSQL takes every character beyond ASCII
-- for a letter in one, and folds case as the locale does. So a text beyond ASCII is made plain first: case folded by a collation
-- that knows all scripts (the one of PostgreSQL 17 and later, of ICU, of the C library, in this order); what separates words
-- replaced by spaces; each character of Han and Kana a word.
DO $migration$
DECLARE
  folding text;
BEGIN
  SELECT quote_ident(collname) INTO folding FROM pg_collation
  WHERE collnamespace = 'pg_catalog'::regnamespace AND collencoding IN (-1, pg_char_to_encoding(getdatabaseencoding()))
    AND collname IN ('pg_c_utf8', 'und-x-icu', 'C.utf8', 'C.UTF-8', 'en_US.utf8', 'default')
  ORDER BY array_position(ARRAY['pg_c_utf8', 'und-x-icu', 'C.utf8', 'C.UTF-8', 'en_US.utf8', 'default']::name[], collname) LIMIT 1;
  EXECUTE format($create$
    CREATE FUNCTION search_text(given text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $function$
    BEGIN
      IF octet_length(given) = char_length(given) THEN RETURN given; END IF;
      RETURN regexp_replace(regexp_replace(translate(lower(given COLLATE pg_catalog.%s), 'ς', 'σ') COLLATE "C",
        '[\u0080-\u00A9\u00AB-\u00B1\u00B4\u00B6-\u00B9\u00BB\u00BF\u00D7\u00F7\u1680\u2000-\u200B\u200E-\u206F\u20A0-\u20CF\u2190-\u2BFF\u2E00-\u2E7F\u3000-\u3004\u3008-\u3020\u3030\u303D\u30A0\u30FB\uFE10-\uFE19\uFE30-\uFE6F\uFEFF\uFF01-\uFF0F\uFF1A-\uFF20\uFF3B-\uFF40\uFF5B-\uFF65\uFFE0-\uFFEE\uFFFC-\uFFFD\U0001F000-\U0001FAFF]+', ' ', 'g'),
        '([\u3005-\u3007\u3041-\u3096\u309D-\u309F\u30A1-\u30FA\u30FC-\u30FF\u31F0-\u31FF\u3400-\u4DBF\u4E00-\u9FFF\uF900-\uFAFF\uFF66-\uFF9F\U00020000-\U0003FFFF])', ' \1 ', 'g');
    END $function$
  $create$, folding);
END $migration$;
--> statement-breakpoint
-- A text as its index has it.
CREATE FUNCTION search_words(given text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT to_tsvector('pg_catalog.simple', search_text(given)) $$;
--> statement-breakpoint
-- A word of a search, or several that stand side by side; the last one also for all that begin with it.
CREATE FUNCTION search_query(given text, is_beginning boolean) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT CASE WHEN is_beginning AND numnode(phrase) > 0 THEN (phrase::text || ':*')::tsquery ELSE phrase END
  FROM phraseto_tsquery('pg_catalog.simple', search_text(given)) AS phrase
$$;
--> statement-breakpoint
ALTER TABLE "conversations" ADD COLUMN "title_words" "tsvector";--> statement-breakpoint
ALTER TABLE "milestones" ADD COLUMN "reached" text;--> statement-breakpoint
CREATE INDEX "conversations_title_words_idx" ON "conversations" USING gin ("project_id","title_words") WHERE "conversations"."title_words" IS NOT NULL;
--> statement-breakpoint
CREATE FUNCTION set_title_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.title_words := search_words(NEW.metadata ->> 'title');
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER conversations_inserted BEFORE INSERT ON conversations FOR EACH ROW
WHEN (NEW.metadata ->> 'title' IS NOT NULL) EXECUTE FUNCTION set_title_words();
--> statement-breakpoint
CREATE TRIGGER conversations_described BEFORE UPDATE OF metadata ON conversations FOR EACH ROW
EXECUTE FUNCTION set_title_words();
--> statement-breakpoint
-- What is stored already follows in the background.
INSERT INTO milestones (name, reached) VALUES ('search words', '[0,"",""]');
