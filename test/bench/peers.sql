-- The seeded conversations once more, as each of PostGraphile's two storages wants them. One project only, so that no
-- condition on it has to be paid for; the indexes are those that its queries use.

DROP SCHEMA IF EXISTS peer_fragments, peer_jsonb CASCADE;
CREATE SCHEMA peer_fragments;
CREATE SCHEMA peer_jsonb;

CREATE TABLE peer_fragments.conversations AS
  SELECT id, isolation_key, created_at, agent_name, agent_version, metadata::jsonb AS metadata FROM public.conversations;
CREATE TABLE peer_jsonb.conversations AS TABLE peer_fragments.conversations;

CREATE TABLE peer_fragments.turns AS
  SELECT id, conversation_id, position, revision, role, state, timestamp, error_detail, in_reply_to_id FROM public.turns
  ORDER BY conversation_id, position;
CREATE TABLE peer_jsonb.turns AS
  SELECT id, conversation_id, position, revision, role, state, timestamp, error_detail, in_reply_to_id,
    messages::jsonb AS messages FROM public.turns
  ORDER BY conversation_id, position;

CREATE TABLE peer_fragments.fragments AS
  SELECT t.id AS turn_id, fragment.position::integer AS position, value ->> 'kind' AS kind, value ->> 'content' AS content,
    value ->> 'state' AS state, value ->> 'name' AS name, (value -> 'args')::jsonb AS args, value ->> 'response' AS response,
    (value ->> 'failed')::boolean AS failed, (value -> 'metadata')::jsonb AS metadata
  FROM public.turns t CROSS JOIN LATERAL json_array_elements(t.messages) WITH ORDINALITY AS fragment (value, position)
  ORDER BY t.conversation_id, t.position, fragment.position;

ALTER TABLE peer_fragments.conversations ADD PRIMARY KEY (id), ALTER created_at SET NOT NULL, ALTER metadata SET NOT NULL;
ALTER TABLE peer_jsonb.conversations ADD PRIMARY KEY (id), ALTER created_at SET NOT NULL, ALTER metadata SET NOT NULL;
ALTER TABLE peer_fragments.turns ADD PRIMARY KEY (id), ADD UNIQUE (conversation_id, position),
  ADD FOREIGN KEY (conversation_id) REFERENCES peer_fragments.conversations (id);
ALTER TABLE peer_jsonb.turns ADD PRIMARY KEY (id), ADD UNIQUE (conversation_id, position),
  ADD FOREIGN KEY (conversation_id) REFERENCES peer_jsonb.conversations (id);
ALTER TABLE peer_fragments.fragments ADD PRIMARY KEY (turn_id, position),
  ADD FOREIGN KEY (turn_id) REFERENCES peer_fragments.turns (id);

CREATE INDEX ON peer_fragments.conversations (created_at, id);
CREATE INDEX ON peer_fragments.conversations (isolation_key, created_at, id);
CREATE INDEX ON peer_fragments.conversations (agent_name, created_at, id);
CREATE INDEX ON peer_fragments.conversations (agent_name, agent_version, created_at, id);
CREATE INDEX ON peer_jsonb.conversations (created_at, id);
CREATE INDEX ON peer_jsonb.conversations (isolation_key, created_at, id);
CREATE INDEX ON peer_jsonb.conversations (agent_name, created_at, id);
CREATE INDEX ON peer_jsonb.conversations (agent_name, agent_version, created_at, id);

-- A turn's fragments come as a plain list: no cursors are made for them.
COMMENT ON CONSTRAINT fragments_turn_id_fkey ON peer_fragments.fragments IS
  E'@behavior -manyRelation:resource:connection +manyRelation:resource:list';
