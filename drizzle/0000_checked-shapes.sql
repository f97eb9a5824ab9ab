-- Rules of JSON values, for CHECK constraints, so that no writer can store what the union cannot show.
-- Each answers true or false, never null: a CHECK lets null pass.

-- With it a GIN index can be led by the project.
CREATE EXTENSION IF NOT EXISTS btree_gin;
--> statement-breakpoint
-- A conversation's metadata: up to 16 pairs, keys up to 64 characters, string values up to 512.
CREATE FUNCTION is_conversation_metadata(metadata json) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN json_typeof(metadata) IS DISTINCT FROM 'object' THEN false ELSE (
    SELECT count(*) <= 16 AND count(*) = count(DISTINCT pair.key) AND coalesce(bool_and(
      char_length(pair.key) <= 64 AND json_typeof(pair.value) = 'string' AND char_length(pair.value #>> '{}') <= 512
    ), true)
    FROM json_each(metadata) AS pair
  ) END
$$;
--> statement-breakpoint
-- A turn's messages: an array of fragments, each with exactly the keys of its kind.
CREATE FUNCTION is_message_fragments(messages json) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN json_typeof(messages) IS DISTINCT FROM 'array' THEN false ELSE (
    SELECT coalesce(bool_and(coalesce(CASE WHEN json_typeof(fragment) <> 'object' THEN false ELSE
      CASE fragment ->> 'kind'
        WHEN 'text' THEN
          json_typeof(fragment -> 'content') = 'string' AND fragment ->> 'state' IN ('in-progress', 'done')
        WHEN 'functionCall' THEN
          json_typeof(fragment -> 'name') = 'string' AND json_typeof(fragment -> 'args') = 'object'
        WHEN 'functionResponse' THEN
          json_typeof(fragment -> 'name') = 'string' AND json_typeof(fragment -> 'response') = 'string'
          AND json_typeof(fragment -> 'failed') = 'boolean'
      END
      AND coalesce(json_typeof(fragment -> 'metadata'), 'object') = 'object'
      AND NOT EXISTS (
        SELECT FROM json_object_keys(fragment) AS name
        WHERE name <> ALL (CASE fragment ->> 'kind'
          WHEN 'text' THEN '{kind,content,state,metadata}'
          WHEN 'functionCall' THEN '{kind,name,args,metadata}'
          ELSE '{kind,name,response,failed,metadata}'
        END::text[])
      )
    END, false)), true)
    FROM json_array_elements(messages) AS fragment
  ) END
$$;
