
-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--

CREATE SCHEMA drizzle;

--

CREATE EXTENSION IF NOT EXISTS btree_gin WITH SCHEMA public;

--

COMMENT ON EXTENSION btree_gin IS 'support for indexing common datatypes in GIN';

SET default_tablespace = '';

SET default_table_access_method = heap;

--

CREATE TABLE public.conversation_counts (
    project_id text NOT NULL COLLATE pg_catalog."C",
    isolation_key text NOT NULL COLLATE pg_catalog."C",
    agent_name text NOT NULL COLLATE pg_catalog."C",
    agent_version text NOT NULL COLLATE pg_catalog."C",
    bucket integer NOT NULL,
    share bigint NOT NULL,
    count integer NOT NULL
)
WITH (fillfactor='50');

--

CREATE FUNCTION public.change_conversation_counts(changes public.conversation_counts[]) RETURNS void
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
BEGIN
  WITH held AS MATERIALIZED (
    SELECT change.project_id, change.isolation_key, change.agent_name, change.agent_version, change.bucket,
      change.count AS change, free.share, free.count
    FROM unnest(changes) AS change LEFT JOIN LATERAL (
      SELECT n.share, n.count FROM conversation_counts n
      WHERE n.project_id = change.project_id AND n.isolation_key = change.isolation_key
        AND n.agent_name = change.agent_name AND n.agent_version = change.agent_version AND n.bucket = change.bucket
      LIMIT CASE WHEN change.count > 0 THEN 1 END FOR UPDATE SKIP LOCKED
    ) AS free ON true
  ), kept AS MATERIALIZED (
    SELECT project_id, isolation_key, agent_name, agent_version, bucket,
      min(share) AS share, coalesce(sum(count), 0) + min(change) AS count
    FROM held GROUP BY project_id, isolation_key, agent_name, agent_version, bucket
  ), changed AS (
    UPDATE conversation_counts n SET count = kept.count FROM kept
    WHERE n.project_id = kept.project_id AND n.isolation_key = kept.isolation_key AND n.agent_name = kept.agent_name
      AND n.agent_version = kept.agent_version AND n.bucket = kept.bucket AND n.share = kept.share AND kept.count <> 0
  ), folded AS (
    DELETE FROM conversation_counts n USING held JOIN kept USING (project_id, isolation_key, agent_name, agent_version, bucket)
    WHERE n.project_id = held.project_id AND n.isolation_key = held.isolation_key AND n.agent_name = held.agent_name
      AND n.agent_version = held.agent_version AND n.bucket = held.bucket AND n.share = held.share
      AND (held.share <> kept.share OR kept.count = 0)
  )
  INSERT INTO conversation_counts (project_id, isolation_key, agent_name, agent_version, bucket, count)
  SELECT project_id, isolation_key, agent_name, agent_version, bucket, count FROM kept WHERE share IS NULL AND count <> 0;
END $$;

--

CREATE FUNCTION public.check_head_isolation_key() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM conversations
    WHERE project_id = NEW.project_id AND id = NEW.conversation_id
      AND isolation_key IS NOT DISTINCT FROM NEW.isolation_key
  ) THEN
    RAISE EXCEPTION 'the head of conversation % names another user', NEW.conversation_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'conversation_heads_isolation_key_check';
  END IF;
  RETURN NULL;
END $$;

--

CREATE FUNCTION public.check_in_reply_to() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM turns AS question
    WHERE question.project_id = NEW.project_id AND question.id = NEW.in_reply_to_id
      AND question.conversation_id = NEW.conversation_id AND question.role = 'user'
  ) THEN
    RAISE EXCEPTION 'turn % does not reply to a user turn of its conversation', NEW.id
      USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'turns_in_reply_to_fk';
  END IF;
  RETURN NULL;
END $$;

--

CREATE FUNCTION public.conversation_count_bucket(instant timestamp with time zone, of_user boolean) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
  SELECT floor(extract(epoch FROM instant) / conversation_count_seconds(of_user))::integer
$$;

--

CREATE FUNCTION public.conversation_count_keys(isolation_key text, agent_name text, agent_version text, created_at timestamp with time zone) RETURNS TABLE(isolation_key text, agent_name text, agent_version text, bucket integer)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $_$
  SELECT whose.isolation_key, agent.name, agent.version, conversation_count_bucket($4, whose.isolation_key <> '')
  FROM (VALUES (''), ($1)) AS whose (isolation_key), (VALUES ('', ''), ($2, ''), ($2, $3)) AS agent (name, version)
  WHERE whose.isolation_key IS NOT NULL AND agent.name IS NOT NULL AND agent.version IS NOT NULL
$_$;

--

CREATE FUNCTION public.conversation_count_seconds(of_user boolean) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
  SELECT 86400 * CASE WHEN of_user THEN 32 ELSE 1 END
$$;

--

CREATE FUNCTION public.conversation_count_start(bucket integer, of_user boolean) RETURNS timestamp with time zone
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
  SELECT to_timestamp(bucket::double precision * conversation_count_seconds(of_user))
$$;

--

CREATE FUNCTION public.count_conversations() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  PERFORM change_conversation_counts(array_agg(change)) FROM (
    SELECT ROW(c.project_id, k.isolation_key, k.agent_name, k.agent_version, k.bucket, NULL,
      CASE TG_OP WHEN 'INSERT' THEN count(*) ELSE -count(*) END)::conversation_counts AS change
    FROM changed c, conversation_count_keys(c.isolation_key, c.agent_name, c.agent_version, c.created_at) k
    GROUP BY c.project_id, k.isolation_key, k.agent_name, k.agent_version, k.bucket
  ) AS changes;
  RETURN NULL;
END $$;

--

CREATE FUNCTION public.enter_imported_id() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  INSERT INTO imported_ids (project_id, id) VALUES (NEW.project_id, NEW.id);
  RETURN NULL;
END $$;

--

CREATE FUNCTION public.forget_conversation_counts() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  TRUNCATE conversation_counts;
  RETURN NULL;
END $$;

--

CREATE FUNCTION public.is_conversation_metadata(metadata json) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
  SELECT CASE WHEN json_typeof(metadata) IS DISTINCT FROM 'object' THEN false ELSE (
    SELECT count(*) <= 16 AND count(*) = count(DISTINCT pair.key) AND coalesce(bool_and(
      char_length(pair.key) <= 64 AND json_typeof(pair.value) = 'string' AND char_length(pair.value #>> '{}') <= 512
    ), true)
    FROM json_each(metadata) AS pair
  ) END
$$;

--

CREATE FUNCTION public.is_message_fragments(messages json) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
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

--

CREATE FUNCTION public.recount_conversation() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  PERFORM change_conversation_counts(array_agg(
    ROW(OLD.project_id, k.isolation_key, k.agent_name, k.agent_version, k.bucket, NULL, -1)::conversation_counts))
  FROM conversation_count_keys(OLD.isolation_key, OLD.agent_name, OLD.agent_version, OLD.created_at) k;
  PERFORM change_conversation_counts(array_agg(
    ROW(NEW.project_id, k.isolation_key, k.agent_name, k.agent_version, k.bucket, NULL, 1)::conversation_counts))
  FROM conversation_count_keys(NEW.isolation_key, NEW.agent_name, NEW.agent_version, NEW.created_at) k;
  RETURN NULL;
END $$;

--

CREATE FUNCTION public.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  RAISE EXCEPTION 'this column of % is fixed when the row is made', TG_TABLE_NAME
    USING ERRCODE = 'check_violation', CONSTRAINT = TG_ARGV[0];
END $$;

--

CREATE FUNCTION public.remove_imported_id() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  DELETE FROM imported_ids WHERE project_id = OLD.project_id AND id = OLD.id;
  RETURN NULL;
END $$;

--

CREATE TABLE drizzle.__drizzle_migrations (
    id integer NOT NULL,
    hash text NOT NULL,
    created_at bigint
);

--

CREATE SEQUENCE drizzle.__drizzle_migrations_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

--

ALTER SEQUENCE drizzle.__drizzle_migrations_id_seq OWNED BY drizzle.__drizzle_migrations.id;

--

ALTER TABLE public.conversation_counts ALTER COLUMN share ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.conversation_counts_share_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--

CREATE TABLE public.conversation_heads (
    project_id text NOT NULL COLLATE pg_catalog."C",
    conversation_id text NOT NULL COLLATE pg_catalog."C",
    isolation_key text COLLATE pg_catalog."C",
    updated_at timestamp(3) with time zone NOT NULL,
    revision integer NOT NULL,
    turn_count integer NOT NULL,
    CONSTRAINT conversation_heads_turn_count_check CHECK (((turn_count >= 0) AND (turn_count <= revision))),
    CONSTRAINT conversation_heads_updated_at_check CHECK (((updated_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (updated_at <= '9999-12-31 23:59:59.999+00'::timestamp with time zone)))
);

--

CREATE TABLE public.conversations (
    project_id text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    isolation_key text COLLATE pg_catalog."C",
    created_at timestamp(3) with time zone NOT NULL,
    agent_name text COLLATE pg_catalog."C",
    agent_version text COLLATE pg_catalog."C",
    metadata json DEFAULT '{}'::json NOT NULL,
    CONSTRAINT conversations_agent_check CHECK ((((agent_name IS NOT NULL) OR (agent_version IS NULL)) AND ((char_length(agent_name) >= 1) AND (char_length(agent_name) <= 128)) AND (strpos(agent_name, ':'::text) = 0) AND ((char_length(COALESCE(agent_version, '1'::text)) >= 1) AND (char_length(COALESCE(agent_version, '1'::text)) <= 128)))),
    CONSTRAINT conversations_created_at_check CHECK (((created_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (created_at <= '9999-12-31 23:59:59.999+00'::timestamp with time zone))),
    CONSTRAINT conversations_id_check CHECK (((id ~ '^[ -~]{1,128}$'::text) AND (NOT starts_with(id, 'turn_'::text)))),
    CONSTRAINT conversations_isolation_key_check CHECK (((octet_length(isolation_key) >= 1) AND (octet_length(isolation_key) <= 256))),
    CONSTRAINT conversations_metadata_check CHECK (public.is_conversation_metadata(metadata))
);

--

CREATE TABLE public.idempotency_keys (
    project_id text NOT NULL COLLATE pg_catalog."C",
    isolation_key text NOT NULL COLLATE pg_catalog."C",
    key text NOT NULL COLLATE pg_catalog."C",
    input_hash text NOT NULL,
    conversation_id text NOT NULL COLLATE pg_catalog."C",
    turn_id text COLLATE pg_catalog."C",
    CONSTRAINT idempotency_keys_key_check CHECK (((char_length(key) >= 1) AND (char_length(key) <= 255)))
);

--

CREATE TABLE public.imported_ids (
    project_id text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C"
);

--

CREATE TABLE public.keys (
    id text NOT NULL COLLATE pg_catalog."C",
    project_id text NOT NULL COLLATE pg_catalog."C",
    access text NOT NULL,
    hash text NOT NULL COLLATE pg_catalog."C",
    note text,
    created_at timestamp(3) with time zone DEFAULT now() NOT NULL,
    revoked_at timestamp(3) with time zone,
    CONSTRAINT keys_access_check CHECK ((access = ANY (ARRAY['project'::text, 'user'::text]))),
    CONSTRAINT keys_hash_check CHECK ((hash ~ '^[A-Za-z0-9_-]{43}$'::text))
);

--

CREATE TABLE public.milestones (
    name text NOT NULL
);

--

CREATE TABLE public.projects (
    id text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp(3) with time zone DEFAULT now() NOT NULL,
    CONSTRAINT projects_id_check CHECK ((id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'::text))
);

--

CREATE TABLE public.turns (
    project_id text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    conversation_id text NOT NULL COLLATE pg_catalog."C",
    "position" integer NOT NULL,
    revision integer NOT NULL,
    role text NOT NULL,
    state text NOT NULL,
    "timestamp" timestamp(3) with time zone NOT NULL,
    messages json NOT NULL,
    error_detail text,
    in_reply_to_id text COLLATE pg_catalog."C",
    words tsvector,
    called_functions text[],
    CONSTRAINT turns_error_detail_check CHECK (((error_detail IS NULL) OR (state = 'error'::text))),
    CONSTRAINT turns_id_check CHECK (((id ~ '^[ -~]{1,128}$'::text) AND (NOT starts_with(id, 'conv_'::text)))),
    CONSTRAINT turns_in_reply_to_check CHECK (((in_reply_to_id IS NULL) OR (role = 'assistant'::text))),
    CONSTRAINT turns_messages_check CHECK (public.is_message_fragments(messages)),
    CONSTRAINT turns_position_check CHECK ((("position" >= 1) AND (revision >= 1))),
    CONSTRAINT turns_role_check CHECK ((role = ANY (ARRAY['user'::text, 'assistant'::text]))),
    CONSTRAINT turns_state_check CHECK ((state = ANY (ARRAY['in-progress'::text, 'done'::text, 'stopped'::text, 'error'::text]))),
    CONSTRAINT turns_timestamp_check CHECK ((("timestamp" >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND ("timestamp" <= '9999-12-31 23:59:59.999+00'::timestamp with time zone))),
    CONSTRAINT turns_user_state_check CHECK (((role = 'assistant'::text) OR (state = 'done'::text)))
);

--

ALTER TABLE ONLY drizzle.__drizzle_migrations ALTER COLUMN id SET DEFAULT nextval('drizzle.__drizzle_migrations_id_seq'::regclass);

--

INSERT INTO drizzle.__drizzle_migrations VALUES
	(1, '7ec914850a5c72ddb571b248e18d43af80aa89698e35603f5d0baca3565182ed', 1795310741789),
	(2, 'baba1a8f09f1a4eb9d2c7e08c130481b7a85b6a11c1758023c4611353a4872c3', 1795310742380),
	(3, '252c0a2441efaaccc4205301e8581a6eabfeefdcdc57687f4ff22a3927e088b2', 1795310742946),
	(4, '5c71d3e89f833cee82ef60e5604745b7c736030c6dde0b31e3b858c0dc360c6c', 1795312896593),
	(5, 'b0116ab34552d0fe6c06cae9babfaa93ca1e27f0d3cb5af1922f30ffe0cd9dbb', 1795313671771),
	(6, '885dc1224f346b070e0680d9a368cbe2b868eea105cb019ac0391311de261f36', 1795315448029),
	(7, '73cfa68ecc367ad01702db7a129188cd729561aedf1680760027291c8de0af8a', 1795318334062),
	(8, '6a4ea27018832ac4c3a24c9cd380761508d5ef5659b5005e0b4fe85a8cdc5769', 1795318334550),
	(9, '089d55efa210305d0f6dc92b3a5582fabc978b2139c1c0ecf47c821a7dbb2e82', 1795327003969),
	(10, '67c5d20a87aecbef65402daf9836792f8fecdd4d1da5295bc2baa7fe496516d3', 1795327005586);

--

INSERT INTO public.conversation_counts VALUES
	('default', 'user-0114', 'billing', '', 627, 1, 1),
	('default', 'user-0321', '', '', 627, 2, 1),
	('default', '', 'billing', '', 20089, 3, 1),
	('default', 'user-0047', 'travel-desk', '', 627, 4, 1),
	('default', 'user-0114', '', '', 627, 5, 1),
	('default', '', 'travel-desk', '2025-01-15', 20089, 6, 2),
	('default', 'user-0047', '', '', 627, 7, 1),
	('default', '', 'travel-desk', '', 20089, 8, 2),
	('default', 'user-0047', 'travel-desk', '2025-01-15', 627, 9, 1),
	('default', '', '', '', 20089, 10, 3),
	('default', 'user-0321', 'travel-desk', '', 627, 11, 1),
	('default', 'user-0321', 'travel-desk', '2025-01-15', 627, 12, 1),
	('default', '', 'support', '', 20784, 13, 1),
	('default', 'alice', 'support', '2', 649, 14, 1),
	('default', 'alice', '', '', 649, 15, 1),
	('default', '', 'support', '2', 20784, 16, 1),
	('default', 'alice', 'support', '', 649, 17, 1),
	('default', '', '', '', 20784, 18, 1);

--

INSERT INTO public.conversation_heads VALUES
	('default', 'conv_4ea2ed1420659bf15773230715e87b44', 'user-0114', '2025-01-01 00:07:38.606+00', 7, 7),
	('default', 'conv_c553228271d4cf65305957e97cd75da6', 'user-0321', '2025-01-01 00:26:53.241+00', 29, 29),
	('default', 'conv_b598b3a62a3f7cedb17e66d1cb31d53d', 'user-0047', '2025-01-01 00:08:01.368+00', 8, 8),
	('default', 'conv_c1b4321c6ace0a91b8ab0663638ac88d', 'alice', '2026-11-27 07:51:45.843+00', 2, 2);

--

INSERT INTO public.conversations VALUES
	('default', 'conv_4ea2ed1420659bf15773230715e87b44', 'user-0114', '2025-01-01 00:00:00+00', 'billing', NULL, '{"channel":"app","language":"en","ticket":"ORD-39572","priority":"high"}'),
	('default', 'conv_c553228271d4cf65305957e97cd75da6', 'user-0321', '2025-01-01 00:00:30.011+00', 'travel-desk', '2025-01-15', '{"channel":"app","language":"de"}'),
	('default', 'conv_b598b3a62a3f7cedb17e66d1cb31d53d', 'user-0047', '2025-01-01 00:01:00.022+00', 'travel-desk', '2025-01-15', '{"channel":"web","language":"fr"}'),
	('default', 'conv_c1b4321c6ace0a91b8ab0663638ac88d', 'alice', '2026-11-27 07:51:45.727+00', 'support', '2', '{"title":"Refund"}');

--

INSERT INTO public.idempotency_keys VALUES
	('default', 'alice', 'first', 'M1tg_iYXUtzRvmOJnLiyhEcsQnjdXBDiGQnoYrj01to', 'conv_c1b4321c6ace0a91b8ab0663638ac88d', NULL);

--

--

INSERT INTO public.keys VALUES
	('key_4ce6d3ae734328a7', 'default', 'project', '-4xt3AwOJ56KcaoXVhcLPGLZnwTQGo2y4z4_Be8m1nQ', 'the initial key', '2026-11-27 07:51:39.178+00', NULL);

--

--

INSERT INTO public.projects VALUES
	('default', '2026-11-27 07:51:24.637+00');

--

INSERT INTO public.turns VALUES
	('default', 'turn_ccf50d2210566df9562f7a05073ba211', 'conv_4ea2ed1420659bf15773230715e87b44', 1, 1, 'user', 'done', '2025-01-01 00:00:00+00', '[{"kind":"text","content":"Hi, I need some help with INV-16985.","state":"done"}]', NULL, NULL, '''-16985'':8 ''help'':5 ''hi'':1 ''i'':2 ''inv'':7 ''need'':3 ''some'':4 ''with'':6', NULL),
	('default', 'turn_dfd21b05e86be749a4eb85d607633b3f', 'conv_4ea2ed1420659bf15773230715e87b44', 2, 2, 'assistant', 'done', '2025-01-01 00:01:14.942+00', '[{"kind":"functionCall","name":"getOrderStatus","args":{"orderId":"R-98294"}},{"kind":"functionResponse","name":"getOrderStatus","response":"{\"error\": \"permission denied\"}","failed":true},{"kind":"text","content":"Thanks for reaching out. I have found ORD-93441 in our records. Please note that a change after 2025-02-27 costs 479.91 €. Is there anything else that I can do for you?","state":"done"}]', NULL, 'turn_ccf50d2210566df9562f7a05073ba211', '''-02'':20 ''-27'':21 ''-93441'':9 ''2025'':19 ''479.91'':23 ''a'':16 ''after'':18 ''anything'':26 ''can'':30 ''change'':17 ''costs'':22 ''do'':31 ''else'':27 ''for'':2,32 ''found'':7 ''have'':6 ''i'':5,29 ''in'':10 ''is'':24 ''note'':14 ''ord'':8 ''our'':11 ''out'':4 ''please'':13 ''reaching'':3 ''records'':12 ''thanks'':1 ''that'':15,28 ''there'':25 ''you'':33', '{getOrderStatus}'),
	('default', 'turn_a4dd8e1ee68627b0a771b0bf17fefb06', 'conv_4ea2ed1420659bf15773230715e87b44', 3, 3, 'user', 'done', '2025-01-01 00:02:33.293+00', '[{"kind":"text","content":"No, the other one. The total should have been 1552.73 €.","state":"done"}]', NULL, NULL, '''1552.73'':10 ''been'':9 ''have'':8 ''no'':1 ''one'':4 ''other'':3 ''should'':7 ''the'':2,5 ''total'':6', NULL),
	('default', 'turn_a7f61270970b4db0b9a79250a10df88a', 'conv_4ea2ed1420659bf15773230715e87b44', 4, 4, 'assistant', 'done', '2025-01-01 00:04:30.148+00', '[{"kind":"text","content":"Let me check that for you, one moment. The earliest date that I can offer is 2025-08-08.","state":"done"}]', NULL, 'turn_a4dd8e1ee68627b0a771b0bf17fefb06', '''-08'':18,19 ''2025'':17 ''can'':14 ''check'':3 ''date'':11 ''earliest'':10 ''for'':5 ''i'':13 ''is'':16 ''let'':1 ''me'':2 ''moment'':8 ''offer'':15 ''one'':7 ''that'':4,12 ''the'':9 ''you'':6', NULL),
	('default', 'turn_f88ea970d623bfeb73582f62fa4b779b', 'conv_4ea2ed1420659bf15773230715e87b44', 5, 5, 'user', 'done', '2025-01-01 00:05:56.956+00', '[{"kind":"text","content":"Hmm, that isn''t what your colleague in München told me.","state":"done"}]', NULL, NULL, '''colleague'':7 ''hmm'':1 ''in'':8 ''isn'':3 ''me'':11 ''münchen'':9 ''t'':4 ''that'':2 ''told'':10 ''what'':5 ''your'':6', NULL),
	('default', 'turn_68efbe78f28b8c8d6f41467ad459a173', 'conv_4ea2ed1420659bf15773230715e87b44', 6, 6, 'assistant', 'done', '2025-01-01 00:07:06.916+00', '[{"kind":"functionCall","name":"queryKnowledgeBase","args":{"query":"change fee","limit":3}},{"kind":"functionResponse","name":"queryKnowledgeBase","response":"§34: changes are free until 24 hours before departure.","failed":false},{"kind":"functionCall","name":"queryKnowledgeBase","args":{"query":"change fee","limit":1}},{"kind":"functionResponse","name":"queryKnowledgeBase","response":"§21: changes are free until 24 hours before departure.","failed":false},{"kind":"text","content":"I see: ORD-72141 was handed over in Zürich on 2025-09-08.","state":"done"}]', NULL, 'turn_f88ea970d623bfeb73582f62fa4b779b', '''-08'':13 ''-09'':12 ''-72141'':4 ''2025'':11 ''handed'':6 ''i'':1 ''in'':8 ''on'':10 ''ord'':3 ''over'':7 ''see'':2 ''was'':5 ''zürich'':9', '{queryKnowledgeBase}'),
	('default', 'turn_046749b6a67429c411f8fc6b4a5999fb', 'conv_4ea2ed1420659bf15773230715e87b44', 7, 7, 'user', 'done', '2025-01-01 00:07:38.606+00', '[{"kind":"text","content":"Thanks! And what about R-79497?","state":"done"}]', NULL, NULL, '''-79497'':6 ''about'':4 ''and'':2 ''r'':5 ''thanks'':1 ''what'':3', NULL),
	('default', 'turn_39fcca63db12350878bb295681e25ac5', 'conv_c553228271d4cf65305957e97cd75da6', 1, 1, 'user', 'done', '2025-01-01 00:00:30.011+00', '[{"kind":"text","content":"Guten Tag, wo bleibt meine Bestellung R-29073? Können Sie BK-85926 bitte auf den 2025-06-02 verschieben?","state":"done","metadata":{"language":"de","typed":true}}]', NULL, NULL, '''-02'':18 ''-06'':17 ''-29073'':8 ''-85926'':12 ''2025'':16 ''auf'':14 ''bestellung'':6 ''bitte'':13 ''bk'':11 ''bleibt'':4 ''den'':15 ''guten'':1 ''können'':9 ''meine'':5 ''r'':7 ''sie'':10 ''tag'':2 ''verschieben'':19 ''wo'':3', NULL),
	('default', 'turn_d90a19ac5772b1f4262e5ec5fda50939', 'conv_c553228271d4cf65305957e97cd75da6', 2, 2, 'assistant', 'done', '2025-01-01 00:00:56.845+00', '[{"kind":"text","content":"Ihre Sendung hat Zürich am 2025-06-09 verlassen.\n\nDie Gutschrift über 425.82 CHF ist veranlasst.\n\nFrühestmöglicher Termin: 2025-08-10, Übergabe in القاهرة.\n\nSoll ich das so übernehmen?","state":"done"}]', NULL, NULL, '''-06'':7 ''-08'':20 ''-09'':8 ''-10'':21 ''2025'':6,19 ''425.82'':13 ''am'':5 ''chf'':14 ''das'':27 ''die'':10 ''frühestmöglicher'':17 ''gutschrift'':11 ''hat'':3 ''ich'':26 ''ihre'':1 ''in'':23 ''ist'':15 ''sendung'':2 ''so'':28 ''soll'':25 ''termin'':18 ''veranlasst'':16 ''verlassen'':9 ''zürich'':4 ''über'':12 ''übergabe'':22 ''übernehmen'':29 ''القاهرة'':24', NULL),
	('default', 'turn_c570c45c8966b1e617e5e83f78ce932a', 'conv_c553228271d4cf65305957e97cd75da6', 3, 3, 'user', 'done', '2025-01-01 00:01:58.841+00', '[{"kind":"text","content":"Nein, ich meinte R-39718.","state":"done"}]', NULL, NULL, '''-39718'':5 ''ich'':2 ''meinte'':3 ''nein'':1 ''r'':4', NULL),
	('default', 'turn_0b4c1d57ca1c66055985b8a30b312e01', 'conv_c553228271d4cf65305957e97cd75da6', 4, 4, 'assistant', 'done', '2025-01-01 00:02:28.617+00', '[{"kind":"functionCall","name":"refundPayment","args":{"reference":"INV-57565","amount":709,"notify":true},"metadata":{"callId":"call_221270860"}},{"kind":"functionResponse","name":"refundPayment","response":"780293","failed":false,"metadata":{"callId":"call_221270860"}},{"kind":"functionCall","name":"refundPayment","args":{"reference":"BK-92531","amount":903.6,"notify":true}},{"kind":"functionResponse","name":"refundPayment","response":"334877","failed":false},{"kind":"text","content":"Ihre Sendung hat 東京 am 2025-05-26 verlassen. Kann ich sonst noch etwas für Sie tun?","state":"done"}]', NULL, NULL, '''-05'':7 ''-26'':8 ''2025'':6 ''am'':5 ''etwas'':14 ''für'':15 ''hat'':3 ''ich'':11 ''ihre'':1 ''kann'':10 ''noch'':13 ''sendung'':2 ''sie'':16 ''sonst'':12 ''tun'':17 ''verlassen'':9 ''東京'':4', '{refundPayment}'),
	('default', 'turn_681d36c0951a536d74a83d6d0e4904ee', 'conv_c553228271d4cf65305957e97cd75da6', 5, 5, 'user', 'done', '2025-01-01 00:03:30.452+00', '[{"kind":"text","content":"Nein, ich meinte R-61031.","state":"done"}]', NULL, NULL, '''-61031'':5 ''ich'':2 ''meinte'':3 ''nein'':1 ''r'':4', NULL),
	('default', 'turn_779c4f11d6a71f79120cd80bbd33935b', 'conv_c553228271d4cf65305957e97cd75da6', 6, 6, 'assistant', 'done', '2025-01-01 00:03:45.295+00', '[{"kind":"functionCall","name":"searchFlights","args":{"from":"LIS","to":"HND","date":"2025-04-21","passengers":{"adults":4,"children":1},"cabins":["economy","premium"]},"metadata":{"callId":"call_369491017"}},{"kind":"functionResponse","name":"searchFlights","response":"{\n  \"flights\": [\n    {\n      \"id\": \"CG399\",\n      \"price\": 607\n    }\n  ]\n}","failed":false,"metadata":{"callId":"call_369491017"}},{"kind":"text","content":"Das prüfe ich gern für Sie. Frühestmöglicher Termin: 2025-03-03, Übergabe in Zürich. Frühestmöglicher Termin: 2025-04-26, Übergabe in Kraków. Die Gutschrift über 1424.40 € ist veranlasst.","state":"done"}]', NULL, NULL, '''-03'':10,11 ''-04'':18 ''-26'':19 ''1424.40'':26 ''2025'':9,17 ''das'':1 ''die'':23 ''frühestmöglicher'':7,15 ''für'':5 ''gern'':4 ''gutschrift'':24 ''ich'':3 ''in'':13,21 ''ist'':27 ''kraków'':22 ''prüfe'':2 ''sie'':6 ''termin'':8,16 ''veranlasst'':28 ''zürich'':14 ''über'':25 ''übergabe'':12,20', '{searchFlights}'),
	('default', 'turn_e1cae2b7e1141be5b30f38b8966a763c', 'conv_c553228271d4cf65305957e97cd75da6', 7, 7, 'user', 'done', '2025-01-01 00:05:26.02+00', '[{"kind":"text","content":"Danke schön! Das hilft mir weiter. 😊","state":"done"}]', NULL, NULL, '''danke'':1 ''das'':3 ''hilft'':4 ''mir'':5 ''schön'':2 ''weiter'':6', NULL),
	('default', 'turn_05a342b6070b9e80ee4a4f72e6a88aeb', 'conv_c553228271d4cf65305957e97cd75da6', 8, 8, 'assistant', 'done', '2025-01-01 00:06:27.755+00', '[{"kind":"text","content":"Ihre Sendung hat 東京 am 2025-09-10 verlassen.\n\nFrühestmöglicher Termin: 2025-11-16, Übergabe in Zürich.\n\nDie Gutschrift über 826.98 CHF ist veranlasst.","state":"done"}]', NULL, NULL, '''-09'':7 ''-10'':8 ''-11'':13 ''-16'':14 ''2025'':6,12 ''826.98'':21 ''am'':5 ''chf'':22 ''die'':18 ''frühestmöglicher'':10 ''gutschrift'':19 ''hat'':3 ''ihre'':1 ''in'':16 ''ist'':23 ''sendung'':2 ''termin'':11 ''veranlasst'':24 ''verlassen'':9 ''zürich'':17 ''über'':20 ''übergabe'':15 ''東京'':4', NULL),
	('default', 'turn_752a1d53aaf0f9267e799b61911003e2', 'conv_c553228271d4cf65305957e97cd75da6', 9, 9, 'user', 'done', '2025-01-01 00:07:12.254+00', '[{"kind":"text","content":"Ja, genau.","state":"done"}]', NULL, NULL, '''genau'':2 ''ja'':1', NULL),
	('default', 'turn_35bd10cc69c54405058dd6800574957a', 'conv_c553228271d4cf65305957e97cd75da6', 10, 10, 'assistant', 'done', '2025-01-01 00:07:39.15+00', '[{"kind":"text","content":"Das prüfe ich gern für Sie.","state":"done"}]', NULL, NULL, '''das'':1 ''für'':5 ''gern'':4 ''ich'':3 ''prüfe'':2 ''sie'':6', NULL),
	('default', 'turn_a7d42c23c18018372766ed7fd753f63a', 'conv_c553228271d4cf65305957e97cd75da6', 11, 11, 'user', 'done', '2025-01-01 00:07:51.539+00', '[{"kind":"text","content":"Nein, ich meinte ORD-73373.","state":"done"}]', NULL, NULL, '''-73373'':5 ''ich'':2 ''meinte'':3 ''nein'':1 ''ord'':4', NULL),
	('default', 'turn_a635cf5d69683db976347f6801c098d6', 'conv_c553228271d4cf65305957e97cd75da6', 12, 12, 'assistant', 'done', '2025-01-01 00:08:51.167+00', '[{"kind":"functionCall","name":"getOrderStatus","args":{"orderId":"ORD-93181"}},{"kind":"functionResponse","name":"getOrderStatus","response":"{\"status\":\"packed\",\"eta\":\"2025-10-23\"}","failed":false},{"kind":"functionCall","name":"searchFlights","args":{"from":"LIS","to":"GRU","date":"2025-09-02","passengers":{"adults":1,"children":0},"cabins":["economy","premium"]},"metadata":{"callId":"call_159141055"}},{"kind":"functionResponse","name":"searchFlights","response":"{\n  \"flights\": [\n    {\n      \"id\": \"CG563\",\n      \"price\": 183\n    }\n  ]\n}","failed":false,"metadata":{"callId":"call_159141055"}},{"kind":"text","content":"Vielen Dank für Ihre Nachricht. Ich habe BK-14046 gefunden. Frühestmöglicher Termin: 2025-11-14, Übergabe in Lisbon. Die Gutschrift über 951.76 CHF ist veranlasst. Frühestmöglicher Termin: 2025-11-20, Übergabe in Zürich. Soll ich das so übernehmen?","state":"done"}]', NULL, NULL, '''-11'':14,29 ''-14'':15 ''-14046'':9 ''-20'':30 ''2025'':13,28 ''951.76'':22 ''bk'':8 ''chf'':23 ''dank'':2 ''das'':36 ''die'':19 ''frühestmöglicher'':11,26 ''für'':3 ''gefunden'':10 ''gutschrift'':20 ''habe'':7 ''ich'':6,35 ''ihre'':4 ''in'':17,32 ''ist'':24 ''lisbon'':18 ''nachricht'':5 ''so'':37 ''soll'':34 ''termin'':12,27 ''veranlasst'':25 ''vielen'':1 ''zürich'':33 ''über'':21 ''übergabe'':16,31 ''übernehmen'':38', '{getOrderStatus,searchFlights}'),
	('default', 'turn_f2a347f45e0e87b0cb1237d3765caed2', 'conv_c553228271d4cf65305957e97cd75da6', 13, 13, 'user', 'done', '2025-01-01 00:10:44.527+00', '[{"kind":"text","content":"Ja, genau.","state":"done"}]', NULL, NULL, '''genau'':2 ''ja'':1', NULL),
	('default', 'turn_7413df766fa762ab05c5bf2ca50951e2', 'conv_c553228271d4cf65305957e97cd75da6', 14, 14, 'assistant', 'done', '2025-01-01 00:11:25.644+00', '[{"kind":"text","content":"Das prüfe ich gern für Sie.","state":"done"},{"kind":"functionCall","name":"getOrderStatus","args":{"orderId":"R-19698"},"metadata":{"callId":"call_395096362"}},{"kind":"functionResponse","name":"getOrderStatus","response":"Error: not found","failed":true,"metadata":{"callId":"call_395096362"}},{"kind":"functionCall","name":"queryKnowledgeBase","args":{"query":"change fee","limit":5}},{"kind":"functionResponse","name":"queryKnowledgeBase","response":"§33: changes are free until 24 hours before departure.","failed":false},{"kind":"text","content":"Vielen Dank für Ihre Nachricht. Ich habe ORD-34479 gefunden.\n\nFrühestmöglicher Termin: 2025-07-07, Übergabe in Zürich.\n\nFrühestmöglicher Termin: 2025-01-15, Übergabe in Kraków.\n\nSoll ich das so übernehmen?","state":"done"}]', NULL, NULL, '''-01'':28 ''-07'':20,21 ''-15'':29 ''-34479'':15 ''2025'':19,27 ''dank'':8 ''das'':1,35 ''frühestmöglicher'':17,25 ''für'':5,9 ''gefunden'':16 ''gern'':4 ''habe'':13 ''ich'':3,12,34 ''ihre'':10 ''in'':23,31 ''kraków'':32 ''nachricht'':11 ''ord'':14 ''prüfe'':2 ''sie'':6 ''so'':36 ''soll'':33 ''termin'':18,26 ''vielen'':7 ''zürich'':24 ''übergabe'':22,30 ''übernehmen'':37', '{getOrderStatus,queryKnowledgeBase}'),
	('default', 'turn_5f72ed302898fac1c5e438afc6732000', 'conv_c553228271d4cf65305957e97cd75da6', 15, 15, 'user', 'done', '2025-01-01 00:11:34.913+00', '[{"kind":"text","content":"Ja, genau.","state":"done"}]', NULL, NULL, '''genau'':2 ''ja'':1', NULL),
	('default', 'turn_87fdb977b0ce4b40d38f631a574b9d7f', 'conv_c553228271d4cf65305957e97cd75da6', 16, 16, 'assistant', 'done', '2025-01-01 00:13:01.645+00', '[{"kind":"functionCall","name":"refundPayment","args":{"reference":"ORD-29715","amount":788.4,"notify":true},"metadata":{"callId":"call_602598639"}},{"kind":"functionResponse","name":"refundPayment","response":"978529","failed":false,"metadata":{"callId":"call_602598639"}},{"kind":"text","content":"Vielen Dank für Ihre Nachricht. Ich habe BK-24258 gefunden. Frühestmöglicher Termin: 2025-08-23, Übergabe in Chicago. Frühestmöglicher Termin: 2025-04-04, Übergabe in München. Frühestmöglicher Termin: 2025-03-19, Übergabe in München. Soll ich das so übernehmen?","state":"done"}]', NULL, NULL, '''-03'':30 ''-04'':22,23 ''-08'':14 ''-19'':31 ''-23'':15 ''-24258'':9 ''2025'':13,21,29 ''bk'':8 ''chicago'':18 ''dank'':2 ''das'':37 ''frühestmöglicher'':11,19,27 ''für'':3 ''gefunden'':10 ''habe'':7 ''ich'':6,36 ''ihre'':4 ''in'':17,25,33 ''münchen'':26,34 ''nachricht'':5 ''so'':38 ''soll'':35 ''termin'':12,20,28 ''vielen'':1 ''übergabe'':16,24,32 ''übernehmen'':39', '{refundPayment}'),
	('default', 'turn_07757d85082cd8d338e6d7968a0cfba2', 'conv_c553228271d4cf65305957e97cd75da6', 17, 17, 'user', 'done', '2025-01-01 00:14:59.484+00', '[{"kind":"text","content":"Danke schön! Das hilft mir weiter. 😊","state":"done"}]', NULL, NULL, '''danke'':1 ''das'':3 ''hilft'':4 ''mir'':5 ''schön'':2 ''weiter'':6', NULL),
	('default', 'turn_5217aa3e5633f71b0e859f7497a92505', 'conv_c553228271d4cf65305957e97cd75da6', 18, 18, 'assistant', 'done', '2025-01-01 00:16:44.428+00', '[{"kind":"functionCall","name":"getOrderStatus","args":{"orderId":"INV-91674"}},{"kind":"functionResponse","name":"getOrderStatus","response":"{\"status\":\"shipped\",\"eta\":\"2025-09-27\"}","failed":false},{"kind":"functionCall","name":"searchFlights","args":{"from":"MUC","to":"HND","date":"2025-11-17","passengers":{"adults":4,"children":1},"cabins":["economy","premium"]}},{"kind":"functionResponse","name":"searchFlights","response":"{\n  \"flights\": [\n    {\n      \"id\": \"CG790\",\n      \"price\": 619\n    }\n  ]\n}","failed":false},{"kind":"text","content":"Ihre Sendung hat Kraków am 2025-10-11 verlassen. Frühestmöglicher Termin: 2025-05-04, Übergabe in Kraków. Soll ich das so übernehmen?","state":"done"}]', NULL, NULL, '''-04'':14 ''-05'':13 ''-10'':7 ''-11'':8 ''2025'':6,12 ''am'':5 ''das'':20 ''frühestmöglicher'':10 ''hat'':3 ''ich'':19 ''ihre'':1 ''in'':16 ''kraków'':4,17 ''sendung'':2 ''so'':21 ''soll'':18 ''termin'':11 ''verlassen'':9 ''übergabe'':15 ''übernehmen'':22', '{getOrderStatus,searchFlights}'),
	('default', 'turn_e7fd5e792def1608fe49833b3a0f88b0', 'conv_c553228271d4cf65305957e97cd75da6', 19, 19, 'user', 'done', '2025-01-01 00:16:50.499+00', '[{"kind":"text","content":"Nein, ich meinte R-89128.","state":"done"}]', NULL, NULL, '''-89128'':5 ''ich'':2 ''meinte'':3 ''nein'':1 ''r'':4', NULL),
	('default', 'turn_6c2e252c49a9527b84b0930d2b69ee7c', 'conv_c553228271d4cf65305957e97cd75da6', 20, 20, 'assistant', 'done', '2025-01-01 00:18:32.745+00', '[{"kind":"functionCall","name":"queryKnowledgeBase","args":{"query":"Gepäckregeln","limit":3},"metadata":{"callId":"call_626221249"}},{"kind":"functionResponse","name":"queryKnowledgeBase","response":"§40: changes are free until 24 hours before departure.","failed":false,"metadata":{"callId":"call_626221249"}},{"kind":"text","content":"Das prüfe ich gern für Sie.","state":"done"}]', NULL, NULL, '''das'':1 ''für'':5 ''gern'':4 ''ich'':3 ''prüfe'':2 ''sie'':6', '{queryKnowledgeBase}'),
	('default', 'turn_076ffb43ae6c6d6b8345e57db267cd7e', 'conv_c553228271d4cf65305957e97cd75da6', 21, 21, 'user', 'done', '2025-01-01 00:19:25.731+00', '[{"kind":"text","content":"Ja, genau.","state":"done"}]', NULL, NULL, '''genau'':2 ''ja'':1', NULL),
	('default', 'turn_c04337912f0a20508264ab9d06317ce0', 'conv_c553228271d4cf65305957e97cd75da6', 22, 22, 'assistant', 'done', '2025-01-01 00:20:48.861+00', '[{"kind":"functionCall","name":"searchFlights","args":{"from":"LIS","to":"CAI","date":"2025-09-07","passengers":{"adults":2,"children":1},"cabins":["economy","business"]},"metadata":{"callId":"call_353530898"}},{"kind":"functionResponse","name":"searchFlights","response":"{\n  \"flights\": [\n    {\n      \"id\": \"CG109\",\n      \"price\": 560\n    }\n  ]\n}","failed":false,"metadata":{"callId":"call_353530898"}},{"kind":"functionCall","name":"getCurrentUser","args":{},"metadata":{"callId":"call_797568627"}},{"kind":"functionResponse","name":"getCurrentUser","response":"","failed":false,"metadata":{"callId":"call_797568627"}},{"kind":"text","content":"Vielen Dank für Ihre Nachricht. Ich habe INV-42471 gefunden. Die Gutschrift über 1254.52 CHF ist veranlasst. Die Gutschrift über 621.65 € ist veranlasst. Kann ich sonst noch etwas für Sie tun?","state":"done"}]', NULL, NULL, '''-42471'':9 ''1254.52'':14 ''621.65'':21 ''chf'':15 ''dank'':2 ''die'':11,18 ''etwas'':28 ''für'':3,29 ''gefunden'':10 ''gutschrift'':12,19 ''habe'':7 ''ich'':6,25 ''ihre'':4 ''inv'':8 ''ist'':16,22 ''kann'':24 ''nachricht'':5 ''noch'':27 ''sie'':30 ''sonst'':26 ''tun'':31 ''veranlasst'':17,23 ''vielen'':1 ''über'':13,20', '{searchFlights,getCurrentUser}'),
	('default', 'turn_bc4ad704886e7891373028f9c549482e', 'conv_c553228271d4cf65305957e97cd75da6', 23, 23, 'user', 'done', '2025-01-01 00:22:26.217+00', '[{"kind":"text","content":"Danke schön! Das hilft mir weiter. 😊","state":"done"}]', NULL, NULL, '''danke'':1 ''das'':3 ''hilft'':4 ''mir'':5 ''schön'':2 ''weiter'':6', NULL),
	('default', 'turn_bf905c32fcc81c2942a36ac6f83a51a9', 'conv_c553228271d4cf65305957e97cd75da6', 24, 24, 'assistant', 'done', '2025-01-01 00:23:24.629+00', '[{"kind":"text","content":"Das prüfe ich gern für Sie.","state":"done"}]', NULL, NULL, '''das'':1 ''für'':5 ''gern'':4 ''ich'':3 ''prüfe'':2 ''sie'':6', NULL),
	('default', 'turn_fe2d3dc6d5a011f1c53adb85ace03481', 'conv_c553228271d4cf65305957e97cd75da6', 25, 25, 'user', 'done', '2025-01-01 00:23:28.376+00', '[{"kind":"text","content":"Nein, ich meinte INV-32450.","state":"done"}]', NULL, NULL, '''-32450'':5 ''ich'':2 ''inv'':4 ''meinte'':3 ''nein'':1', NULL),
	('default', 'turn_835af77157c59b9664b6da404867e603', 'conv_c553228271d4cf65305957e97cd75da6', 26, 26, 'assistant', 'error', '2025-01-01 00:24:21.599+00', '[{"kind":"text","content":"Ihre Sendung hat القاهرة am 2025-04-02 verlassen.\n\nDie Gutschrift über 718.55 CHF ist veranlasst.\n\nDie Gutschrift über 1923.58 CHF ist veranlasst.\n\nDie Gutschrift über 947.60 € ist veranlasst.\n\nSoll ich das so übernehmen?","state":"done"},{"kind":"functionCall","name":"getCurrentUser","args":{},"metadata":{"callId":"call_335185274"}},{"kind":"functionResponse","name":"getCurrentUser","response":"","failed":false,"metadata":{"callId":"call_335185274"}}]', 'The model took too long to answer.', NULL, '''-02'':8 ''-04'':7 ''1923.58'':20 ''2025'':6 ''718.55'':13 ''947.60'':27 ''am'':5 ''chf'':14,21 ''das'':32 ''die'':10,17,24 ''gutschrift'':11,18,25 ''hat'':3 ''ich'':31 ''ihre'':1 ''ist'':15,22,28 ''sendung'':2 ''so'':33 ''soll'':30 ''veranlasst'':16,23,29 ''verlassen'':9 ''über'':12,19,26 ''übernehmen'':34 ''القاهرة'':4', '{getCurrentUser}'),
	('default', 'turn_774f17cd50e3d0ea699d9bcb539394a8', 'conv_c553228271d4cf65305957e97cd75da6', 27, 27, 'user', 'done', '2025-01-01 00:25:15.279+00', '[{"kind":"text","content":"Ja, genau.","state":"done","metadata":{"language":"de","typed":true}}]', NULL, NULL, '''genau'':2 ''ja'':1', NULL),
	('default', 'turn_19143b9deca36d7da29eecccc84d65be', 'conv_c553228271d4cf65305957e97cd75da6', 28, 28, 'assistant', 'done', '2025-01-01 00:25:29.188+00', '[{"kind":"functionCall","name":"getCurrentUser","args":{},"metadata":{"callId":"call_896948691"}},{"kind":"functionResponse","name":"getCurrentUser","response":"","failed":false,"metadata":{"callId":"call_896948691"}},{"kind":"text","content":"Ihre Sendung hat São Paulo am 2025-02-13 verlassen. Die Gutschrift über 1639.12 € ist veranlasst.","state":"done"}]', NULL, NULL, '''-02'':8 ''-13'':9 ''1639.12'':14 ''2025'':7 ''am'':6 ''die'':11 ''gutschrift'':12 ''hat'':3 ''ihre'':1 ''ist'':15 ''paulo'':5 ''sendung'':2 ''são'':4 ''veranlasst'':16 ''verlassen'':10 ''über'':13', '{getCurrentUser}'),
	('default', 'turn_0b373b4f397618dc06926bbc52f7b883', 'conv_c553228271d4cf65305957e97cd75da6', 29, 29, 'user', 'done', '2025-01-01 00:26:53.241+00', '[{"kind":"text","content":"Ja, genau. Können Sie INV-67374 bitte auf den 2025-05-12 verschieben?","state":"done"}]', NULL, NULL, '''-05'':11 ''-12'':12 ''-67374'':6 ''2025'':10 ''auf'':8 ''bitte'':7 ''den'':9 ''genau'':2 ''inv'':5 ''ja'':1 ''können'':3 ''sie'':4 ''verschieben'':13', NULL),
	('default', 'turn_916403ac67230c78cd3ba4e0216d0704', 'conv_b598b3a62a3f7cedb17e66d1cb31d53d', 1, 1, 'user', 'done', '2025-01-01 00:01:00.022+00', '[{"kind":"text","content":"Bonjour, j''ai un problème avec BK-53080.","state":"done"}]', NULL, NULL, '''-53080'':8 ''ai'':3 ''avec'':6 ''bk'':7 ''bonjour'':1 ''j'':2 ''problème'':5 ''un'':4', NULL),
	('default', 'turn_60be04ca6e5499175312ea0145ebebf8', 'conv_b598b3a62a3f7cedb17e66d1cb31d53d', 2, 2, 'assistant', 'done', '2025-01-01 00:01:10.949+00', '[{"kind":"functionCall","name":"getOrderStatus","args":{"orderId":"R-10856"}},{"kind":"functionResponse","name":"getOrderStatus","response":"{\"status\":\"shipped\",\"eta\":\"2025-12-14\"}","failed":false},{"kind":"functionCall","name":"getCurrentUser","args":{}},{"kind":"functionResponse","name":"getCurrentUser","response":"","failed":false},{"kind":"text","content":"Je regarde ça tout de suite.\n\nLe remboursement de 217.65 USD arrivera avant le 2025-06-06.\n\nProchain départ de Chicago : le 2025-01-07.\n\nVoulez-vous que je confirme ?","state":"done"}]', NULL, 'turn_916403ac67230c78cd3ba4e0216d0704', '''-01'':24 ''-06'':16,17 ''-07'':25 ''2025'':15,23 ''217.65'':10 ''arrivera'':12 ''avant'':13 ''chicago'':21 ''confirme'':31 ''de'':5,9,20 ''départ'':19 ''je'':1,30 ''le'':7,14,22 ''prochain'':18 ''que'':29 ''regarde'':2 ''remboursement'':8 ''suite'':6 ''tout'':4 ''usd'':11 ''voulez'':27 ''voulez-vous'':26 ''vous'':28 ''ça'':3', '{getOrderStatus,getCurrentUser}'),
	('default', 'turn_c7e52b3fe84854611ed7f7faa7b80b19', 'conv_b598b3a62a3f7cedb17e66d1cb31d53d', 3, 3, 'user', 'done', '2025-01-01 00:02:12.264+00', '[{"kind":"text","content":"Oui, c''est ça.","state":"done"}]', NULL, NULL, '''c'':2 ''est'':3 ''oui'':1 ''ça'':4', NULL),
	('default', 'turn_7f124e8cca47f2657f382a8d6eaa59d1', 'conv_b598b3a62a3f7cedb17e66d1cb31d53d', 4, 4, 'assistant', 'done', '2025-01-01 00:04:02.84+00', '[{"kind":"functionCall","name":"getCurrentUser","args":{}},{"kind":"functionResponse","name":"getCurrentUser","response":"","failed":false},{"kind":"text","content":"Je regarde ça tout de suite. Le remboursement de 326.20 € arrivera avant le 2025-07-05. Le remboursement de 1039.63 € arrivera avant le 2025-03-09.","state":"done"}]', NULL, 'turn_c7e52b3fe84854611ed7f7faa7b80b19', '''-03'':25 ''-05'':16 ''-07'':15 ''-09'':26 ''1039.63'':20 ''2025'':14,24 ''326.20'':10 ''arrivera'':11,21 ''avant'':12,22 ''de'':5,9,19 ''je'':1 ''le'':7,13,17,23 ''regarde'':2 ''remboursement'':8,18 ''suite'':6 ''tout'':4 ''ça'':3', '{getCurrentUser}'),
	('default', 'turn_f123a858b9fc312bd03394e8ed9baffb', 'conv_b598b3a62a3f7cedb17e66d1cb31d53d', 5, 5, 'user', 'done', '2025-01-01 00:04:50.522+00', '[{"kind":"text","content":"Et pour INV-34180 ?","state":"done"}]', NULL, NULL, '''-34180'':4 ''et'':1 ''inv'':3 ''pour'':2', NULL),
	('default', 'turn_f026d55d059378a3a85eb1e8c64ef506', 'conv_b598b3a62a3f7cedb17e66d1cb31d53d', 6, 6, 'assistant', 'done', '2025-01-01 00:06:07.359+00', '[{"kind":"functionCall","name":"queryKnowledgeBase","args":{"query":"refund policy","limit":5},"metadata":{"callId":"call_788455028"}},{"kind":"functionResponse","name":"queryKnowledgeBase","response":"§31: changes are free until 24 hours before departure.","failed":false,"metadata":{"callId":"call_788455028"}},{"kind":"text","content":"J''ai bien retrouvé INV-53250, d''un montant de 1350.91 €. Prochain départ de Zürich : le 2025-01-28. Prochain départ de São Paulo : le 2025-03-06. Prochain départ de München : le 2025-05-28.","state":"done"}]', NULL, 'turn_f123a858b9fc312bd03394e8ed9baffb', '''-01'':18 ''-03'':27 ''-05'':35 ''-06'':28 ''-28'':19,36 ''-53250'':6 ''1350.91'':11 ''2025'':17,26,34 ''ai'':2 ''bien'':3 ''d'':7 ''de'':10,14,22,31 ''départ'':13,21,30 ''inv'':5 ''j'':1 ''le'':16,25,33 ''montant'':9 ''münchen'':32 ''paulo'':24 ''prochain'':12,20,29 ''retrouvé'':4 ''são'':23 ''un'':8 ''zürich'':15', '{queryKnowledgeBase}'),
	('default', 'turn_3671b7495a6a48816a3b2f5cf8c5057c', 'conv_b598b3a62a3f7cedb17e66d1cb31d53d', 7, 7, 'user', 'done', '2025-01-01 00:07:05.694+00', '[{"kind":"text","content":"Et pour INV-12865 ?","state":"done"}]', NULL, NULL, '''-12865'':4 ''et'':1 ''inv'':3 ''pour'':2', NULL),
	('default', 'turn_694a57234258a61e4857348870acb8d8', 'conv_b598b3a62a3f7cedb17e66d1cb31d53d', 8, 8, 'assistant', 'done', '2025-01-01 00:08:01.368+00', '[{"kind":"text","content":"J''ai bien retrouvé BK-14592, d''un montant de 816.77 CHF.","state":"done"}]', NULL, 'turn_3671b7495a6a48816a3b2f5cf8c5057c', '''-14592'':6 ''816.77'':11 ''ai'':2 ''bien'':3 ''bk'':5 ''chf'':12 ''d'':7 ''de'':10 ''j'':1 ''montant'':9 ''retrouvé'':4 ''un'':8', NULL),
	('default', 'turn_f9de54f455c87d30defbf134379fcbe1', 'conv_c1b4321c6ace0a91b8ab0663638ac88d', 1, 1, 'user', 'done', '2026-11-27 07:51:45.727+00', '[{"kind":"text","content":"Where is my refund?","state":"done"}]', NULL, NULL, '''is'':2 ''my'':3 ''refund'':4 ''where'':1', NULL),
	('default', 'turn_acb9329fcd6cd0f208f83a997ba4b3a7', 'conv_c1b4321c6ace0a91b8ab0663638ac88d', 2, 2, 'assistant', 'in-progress', '2026-11-27 07:51:45.837+00', '[{"kind":"text","content":"It is on its w","state":"done"}]', NULL, NULL, NULL, NULL);

--

SELECT pg_catalog.setval('drizzle.__drizzle_migrations_id_seq', 10, true);

--

SELECT pg_catalog.setval('public.conversation_counts_share_seq', 18, true);

--

ALTER TABLE ONLY drizzle.__drizzle_migrations
    ADD CONSTRAINT __drizzle_migrations_pkey PRIMARY KEY (id);

--

ALTER TABLE ONLY public.conversation_counts
    ADD CONSTRAINT conversation_counts_pk PRIMARY KEY (project_id, isolation_key, agent_name, agent_version, bucket, share);

--

ALTER TABLE ONLY public.conversation_heads
    ADD CONSTRAINT conversation_heads_project_id_conversation_id_pk PRIMARY KEY (project_id, conversation_id);

--

ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT conversations_project_id_id_pk PRIMARY KEY (project_id, id);

--

ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_project_id_isolation_key_key_pk PRIMARY KEY (project_id, isolation_key, key);

--

ALTER TABLE ONLY public.imported_ids
    ADD CONSTRAINT imported_ids_project_id_id_pk PRIMARY KEY (project_id, id);

--

ALTER TABLE ONLY public.keys
    ADD CONSTRAINT keys_hash_key UNIQUE (hash);

--

ALTER TABLE ONLY public.keys
    ADD CONSTRAINT keys_pkey PRIMARY KEY (id);

--

ALTER TABLE ONLY public.milestones
    ADD CONSTRAINT milestones_pkey PRIMARY KEY (name);

--

ALTER TABLE ONLY public.projects
    ADD CONSTRAINT projects_pkey PRIMARY KEY (id);

--

ALTER TABLE ONLY public.turns
    ADD CONSTRAINT turns_project_id_conversation_id_position_key UNIQUE (project_id, conversation_id, "position");

--

ALTER TABLE ONLY public.turns
    ADD CONSTRAINT turns_project_id_id_pk PRIMARY KEY (project_id, id);

--

CREATE INDEX conversation_heads_isolation_key_updated_at_idx ON public.conversation_heads USING btree (project_id, isolation_key, updated_at, conversation_id);

--

CREATE INDEX conversation_heads_updated_at_idx ON public.conversation_heads USING btree (project_id, updated_at, conversation_id);

--

CREATE INDEX conversations_agent_name_created_at_id_idx ON public.conversations USING btree (project_id, agent_name, created_at, id);

--

CREATE INDEX conversations_agent_version_created_at_id_idx ON public.conversations USING btree (project_id, agent_name, agent_version, created_at, id);

--

CREATE INDEX conversations_isolation_key_agent_name_created_at_id_idx ON public.conversations USING btree (project_id, isolation_key, agent_name, created_at, id);

--

CREATE INDEX conversations_isolation_key_agent_version_created_at_id_idx ON public.conversations USING btree (project_id, isolation_key, agent_name, agent_version, created_at, id);

--

CREATE INDEX conversations_isolation_key_created_at_id_idx ON public.conversations USING btree (project_id, isolation_key, created_at, id);

--

CREATE INDEX conversations_metadata_idx ON public.conversations USING gin (project_id, ((metadata)::jsonb) jsonb_path_ops);

--

CREATE INDEX conversations_project_id_created_at_id_idx ON public.conversations USING btree (project_id, created_at, id);

--

CREATE INDEX idempotency_keys_conversation_id_idx ON public.idempotency_keys USING btree (project_id, conversation_id);

--

CREATE INDEX turns_called_functions_idx ON public.turns USING gin (project_id, called_functions) WHERE (called_functions IS NOT NULL);

--

CREATE INDEX turns_revision_idx ON public.turns USING btree (project_id, conversation_id, revision);

--

CREATE INDEX turns_state_idx ON public.turns USING btree (project_id, state, conversation_id) WHERE (state <> 'done'::text);

--

CREATE INDEX turns_words_idx ON public.turns USING gin (project_id, words) WHERE (state <> 'in-progress'::text);

--

CREATE TRIGGER conversation_heads_check_isolation_key AFTER INSERT OR UPDATE OF isolation_key ON public.conversation_heads FOR EACH ROW EXECUTE FUNCTION public.check_head_isolation_key();

--

CREATE TRIGGER conversations_count_added AFTER INSERT ON public.conversations REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.count_conversations();

--

CREATE TRIGGER conversations_count_removed AFTER DELETE ON public.conversations REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.count_conversations();

--

CREATE TRIGGER conversations_enter_imported_id AFTER INSERT ON public.conversations FOR EACH ROW WHEN ((NOT starts_with(new.id, 'conv_'::text))) EXECUTE FUNCTION public.enter_imported_id();

--

CREATE TRIGGER conversations_fix_isolation_key BEFORE UPDATE OF isolation_key ON public.conversations FOR EACH ROW WHEN ((old.isolation_key IS DISTINCT FROM new.isolation_key)) EXECUTE FUNCTION public.refuse_change('conversations_isolation_key_fixed');

--

CREATE TRIGGER conversations_forget_counts AFTER TRUNCATE ON public.conversations FOR EACH STATEMENT EXECUTE FUNCTION public.forget_conversation_counts();

--

CREATE TRIGGER conversations_recount AFTER UPDATE ON public.conversations FOR EACH ROW WHEN ((((((old.project_id IS DISTINCT FROM new.project_id) OR (old.isolation_key IS DISTINCT FROM new.isolation_key)) OR (old.agent_name IS DISTINCT FROM new.agent_name)) OR (old.agent_version IS DISTINCT FROM new.agent_version)) OR (old.created_at IS DISTINCT FROM new.created_at))) EXECUTE FUNCTION public.recount_conversation();

--

CREATE TRIGGER conversations_remove_imported_id AFTER DELETE ON public.conversations FOR EACH ROW WHEN ((NOT starts_with(old.id, 'conv_'::text))) EXECUTE FUNCTION public.remove_imported_id();

--

CREATE TRIGGER turns_check_in_reply_to AFTER INSERT OR UPDATE OF in_reply_to_id, conversation_id ON public.turns FOR EACH ROW WHEN ((new.in_reply_to_id IS NOT NULL)) EXECUTE FUNCTION public.check_in_reply_to();

--

CREATE TRIGGER turns_enter_imported_id AFTER INSERT ON public.turns FOR EACH ROW WHEN ((NOT starts_with(new.id, 'turn_'::text))) EXECUTE FUNCTION public.enter_imported_id();

--

CREATE TRIGGER turns_fix_role BEFORE UPDATE OF role ON public.turns FOR EACH ROW WHEN ((old.role <> new.role)) EXECUTE FUNCTION public.refuse_change('turns_role_fixed');

--

CREATE TRIGGER turns_remove_imported_id AFTER DELETE ON public.turns FOR EACH ROW WHEN ((NOT starts_with(old.id, 'turn_'::text))) EXECUTE FUNCTION public.remove_imported_id();

--

ALTER TABLE ONLY public.conversation_heads
    ADD CONSTRAINT conversation_heads_conversation_fk FOREIGN KEY (project_id, conversation_id) REFERENCES public.conversations(project_id, id) ON DELETE CASCADE;

--

ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT conversations_project_id_projects_id_fk FOREIGN KEY (project_id) REFERENCES public.projects(id);

--

ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_conversation_fk FOREIGN KEY (project_id, conversation_id) REFERENCES public.conversations(project_id, id) ON DELETE CASCADE;

--

ALTER TABLE ONLY public.keys
    ADD CONSTRAINT keys_project_id_projects_id_fk FOREIGN KEY (project_id) REFERENCES public.projects(id);

--

ALTER TABLE ONLY public.turns
    ADD CONSTRAINT turns_conversation_fk FOREIGN KEY (project_id, conversation_id) REFERENCES public.conversations(project_id, id) ON DELETE CASCADE;

--

