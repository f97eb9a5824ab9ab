-- The rules stay as they are, at a tenth of their cost. Rows that are there keep the same rules in their former words, so
-- that nothing needs to be scanned while writers wait: NOT VALID, and the function is replaced under its constraint.
ALTER TABLE "conversations" DROP CONSTRAINT "conversations_id_check";--> statement-breakpoint
ALTER TABLE "turns" DROP CONSTRAINT "turns_id_check";--> statement-breakpoint
ALTER TABLE "conversations" ADD CONSTRAINT "conversations_id_check" CHECK (octet_length("conversations"."id") BETWEEN 1 AND 128 AND "conversations"."id" ~ '^[ -~]+$' AND NOT starts_with("conversations"."id", 'turn_')) NOT VALID;--> statement-breakpoint
ALTER TABLE "turns" ADD CONSTRAINT "turns_id_check" CHECK (octet_length("turns"."id") BETWEEN 1 AND 128 AND "turns"."id" ~ '^[ -~]+$' AND NOT starts_with("turns"."id", 'conv_')) NOT VALID;--> statement-breakpoint
-- A turn's messages: an array of fragments, each with exactly the keys of its kind. Parsed once, as jsonb. What only json
-- holds is asked as before: a number beyond numeric, an escape that is no character of a text, a value that nests very deep.
-- Not PARALLEL SAFE: before PostgreSQL 17 no parallel worker may catch an exception.
CREATE OR REPLACE FUNCTION is_message_fragments(messages json) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  fragments jsonb;
  fragment jsonb;
  is_fragment boolean;
BEGIN
  BEGIN
    fragments := messages::jsonb;
  EXCEPTION WHEN numeric_value_out_of_range OR untranslatable_character OR invalid_text_representation
    OR statement_too_complex THEN
    RETURN CASE WHEN json_typeof(messages) IS DISTINCT FROM 'array' THEN false ELSE (
      SELECT coalesce(bool_and(coalesce(CASE WHEN json_typeof(element) <> 'object' THEN false ELSE
        CASE element ->> 'kind'
          WHEN 'text' THEN
            json_typeof(element -> 'content') = 'string' AND element ->> 'state' IN ('in-progress', 'done')
          WHEN 'functionCall' THEN
            json_typeof(element -> 'name') = 'string' AND json_typeof(element -> 'args') = 'object'
          WHEN 'functionResponse' THEN
            json_typeof(element -> 'name') = 'string' AND json_typeof(element -> 'response') = 'string'
            AND json_typeof(element -> 'failed') = 'boolean'
        END
        AND coalesce(json_typeof(element -> 'metadata'), 'object') = 'object'
        AND NOT EXISTS (
          SELECT FROM json_object_keys(element) AS name
          WHERE name <> ALL (CASE element ->> 'kind'
            WHEN 'text' THEN '{kind,content,state,metadata}'
            WHEN 'functionCall' THEN '{kind,name,args,metadata}'
            ELSE '{kind,name,response,failed,metadata}'
          END::text[])
        )
      END, false)), true)
      FROM json_array_elements(messages) AS element
    ) END;
  END;
  IF jsonb_typeof(fragments) IS DISTINCT FROM 'array' THEN
    RETURN false;
  END IF;
  FOR place IN 0 .. jsonb_array_length(fragments) - 1 LOOP
    fragment := fragments -> place;
    IF jsonb_typeof(fragment) <> 'object' THEN
      RETURN false;
    END IF;
    CASE fragment ->> 'kind'
      WHEN 'text' THEN
        is_fragment := jsonb_typeof(fragment -> 'content') = 'string' AND fragment ->> 'state' IN ('in-progress', 'done')
          AND fragment - '{kind,content,state,metadata}'::text[] = '{}';
      WHEN 'functionCall' THEN
        is_fragment := jsonb_typeof(fragment -> 'name') = 'string' AND jsonb_typeof(fragment -> 'args') = 'object'
          AND fragment - '{kind,name,args,metadata}'::text[] = '{}';
      WHEN 'functionResponse' THEN
        is_fragment := jsonb_typeof(fragment -> 'name') = 'string' AND jsonb_typeof(fragment -> 'response') = 'string'
          AND jsonb_typeof(fragment -> 'failed') = 'boolean'
          AND fragment - '{kind,name,response,failed,metadata}'::text[] = '{}';
      ELSE
        RETURN false;
    END CASE;
    IF is_fragment IS NOT TRUE OR jsonb_typeof(fragment -> 'metadata') <> 'object' THEN
      RETURN false;
    END IF;
  END LOOP;
  RETURN true;
END $$;
