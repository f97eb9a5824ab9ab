import { type Case, INSTANTS, metadata, TURN, TURNS } from "./turn-row-cases.ts";
import type { Row } from "./violated-by.ts";

export const CONVERSATION: Row = { project_id: "default", id: "conv_new", created_at: "2024-05-20T10:00:00Z" };
const HEAD: Row = {
  project_id: "default",
  conversation_id: "conv_headless",
  updated_at: "2024-05-20T10:00:00Z",
  revision: 3,
  turn_count: 2,
};
export const CHUNK: Row = {
  project_id: "default",
  turn_id: "turn_2",
  revision: 8,
  previous_revision: 4,
  fragment: 0,
  length: 3,
  unfolded_bytes: 0,
  json_text: "abc",
};
export const DELETED_TURN: Row = { ...TURN, metadata: "{}", bytes: 2, deleted_at: "2024-05-20T10:00:00Z" };
export const ITEM: Row = {
  project_id: "default",
  conversation_id: "conv_1",
  position: 0,
  place: 1_000_000,
  id: "msg_new",
  type: "message",
  bytes: 2,
  item: "{}",
};
export const IDEMPOTENCY_KEY: Row = {
  project_id: "default",
  isolation_key: "",
  key: "new",
  input_hash: "x",
  conversation_id: "conv_1",
};
export const SHARE: Row = {
  project_id: "default",
  isolation_key: "",
  agent_name: "",
  agent_version: "",
  bucket: 1,
  share: -1,
  count: 1,
};
export const KEY: Row = { id: "key_new", project_id: "default", access: "project", hash: "h".repeat(43) };

const PROJECTS: Case[] = [
  [{ id: "a" }, null],
  [{ id: "A.b_c-9".padEnd(64, "x") }, null],
  [{ id: "x".repeat(65) }, "projects_id_check"],
  ...["", "-a", ".", "a b", "a/b", "é", "a\n"].map((id): Case => [{ id }, "projects_id_check"]),
  [{ id: "default" }, "projects_pkey"],
];

// No surface could show them.

const CONVERSATIONS: Case[] = [
  [{}, null],
  ...INSTANTS.map((created_at): Case => [{ created_at }, "conversations_created_at_check"]),
  [{ project_id: "nowhere" }, "conversations_project_id_projects_id_fk"],
  [{ id: "conv_1" }, "conversations_project_id_id_pk"],
  [{ id: "conv_2", project_id: "other" }, null],
  [{ id: " ~".padEnd(128, "x") }, null],
  ...["", "x".repeat(129), "é", "a\nb", "a\n", "\x7f", "turn_x", "turn_"].map(
    (id): Case => [{ id }, "conversations_id_check"],
  ),
  [{ isolation_key: "é".repeat(128) }, null],
  [{ isolation_key: "" }, "conversations_isolation_key_check"],
  [{ isolation_key: "é".repeat(129) }, "conversations_isolation_key_check"],
  [{ agent_name: "é".repeat(128), agent_version: "é".repeat(128) }, null],
  [{ agent_name: "shop", agent_version: "1:2" }, null],
  [{ agent_name: "" }, "conversations_agent_check"],
  [{ agent_name: "x".repeat(129) }, "conversations_agent_check"],
  [{ agent_name: "a:b" }, "conversations_agent_check"],
  [{ agent_name: "shop", agent_version: "" }, "conversations_agent_check"],
  [{ agent_name: "shop", agent_version: "x".repeat(129) }, "conversations_agent_check"],
  [{ agent_version: "1" }, "conversations_agent_check"],
  [{ metadata: metadata(16) }, null],
  [{ metadata: metadata(1, "é".repeat(63), "🙂".repeat(512)) }, null],
  [{ metadata: '{"":""}' }, null],
  ...[metadata(17), metadata(1, "k".repeat(64)), metadata(1, "k", "v".repeat(513)), '{"a":1}', '{"a":null}', '{"a":{}}']
    .concat(["[]", "null", '"a"', '{"a":"1","a":"2"}'])
    .map((metadata): Case => [{ metadata }, "conversations_metadata_check"]),
];

const HEADS: Case[] = [
  [{}, null],
  ...INSTANTS.map((updated_at): Case => [{ updated_at }, "conversation_heads_updated_at_check"]),
  [{ turn_count: 0, revision: 0 }, null],
  [{ turn_count: 3 }, null],
  [{ turn_count: 4 }, "conversation_heads_turn_count_check"],
  [{ turn_count: -1 }, "conversation_heads_turn_count_check"],
  [{ conversation_id: "conv_1" }, "conversation_heads_project_id_conversation_id_pk"],
  [{ conversation_id: "conv_none" }, "conversation_heads_conversation_fk"],
  [{ project_id: "other" }, "conversation_heads_conversation_fk"],
];

const IDEMPOTENCY_KEYS: Case[] = [
  [{}, null],
  [{ key: "🙂".repeat(255), turn_id: "turn_1" }, null],
  [{ key: "" }, "idempotency_keys_key_check"],
  [{ key: "x".repeat(256) }, "idempotency_keys_key_check"],
  [{ key: "taken" }, "idempotency_keys_project_id_isolation_key_key_pk"],
  [{ key: "taken", isolation_key: "ann" }, null],
  [{ conversation_id: "conv_none" }, "idempotency_keys_conversation_fk"],
];

const KEYS: Case[] = [
  [{}, null],
  [{ access: "user" }, null],
  [{ access: "admin" }, "keys_access_check"],
  [{ access: "user", isolation_key: "alice" }, null],
  [{ access: "project", isolation_key: "alice" }, "keys_isolation_key_check"],
  ...["", "x".repeat(257)].map(
    (isolation_key): Case => [{ access: "user", isolation_key }, "keys_isolation_key_check"],
  ),
  ...["", "h".repeat(42), "h".repeat(44), "=".repeat(43)].map((hash): Case => [{ hash }, "keys_hash_check"]),
  [{ hash: "t".repeat(43) }, "keys_hash_key"],
  [{ id: "key_taken" }, "keys_pkey"],
  [{ project_id: "nowhere" }, "keys_project_id_projects_id_fk"],
];

const TURN_CHUNKS: Case[] = [
  [{}, null],
  [{ json_text: "" }, null],
  [{ json_text: '\\"\\u00e9\\n' }, null],
  [{ revision: 3 }, "turn_chunks_revision_check"],
  [{ revision: 9 }, "turn_chunks_project_id_turn_id_revision_pk"],
  [{ turn_id: "turn_none" }, "turn_chunks_turn_fk"],
  [{ project_id: "nowhere" }, "turn_chunks_turn_fk"],
  [{ json_text: '"' }, "turn_chunks_json_text_check"],
  [{ json_text: "\\" }, "turn_chunks_json_text_check"],
  [{ json_text: "a\n" }, "turn_chunks_json_text_check"],
  [{ conversation_id: "conv_1", json_text: "" }, null],
  [{ conversation_id: "conv_1", json_text: ',{"kind":"text","content":"a","state":"done"}' }, null],
  [{ conversation_id: "conv_1", json_text: ',{"kind":"text"}' }, "turn_chunks_json_text_check"],
];

const ITEMS: Case[] = [
  [{}, null],
  [{ place: 999_999 }, "items_place_check"],
  [{ position: -1 }, "items_place_check"],
  [{ position: 1, fragments: 0 }, null],
  [{ fragments: 0 }, "items_fragments_check"],
  [{ position: 1, fragments: -1 }, "items_fragments_check"],
  [{ id: "aZ09_-".padEnd(64, "x") }, null],
  ...["", "x".repeat(65), "é", "a b", "a\n"].map((id): Case => [{ id }, "items_id_check"]),
  [{ item: "[]" }, "items_item_check"],
  [{ id: "msg_taken" }, "items_project_id_id_conversation_id_key"],
  [{ id: "msg_taken", conversation_id: "conv_2" }, null],
  [{ place: 1_000_007 }, "items_project_id_conversation_id_position_place_pk"],
  [{ conversation_id: "conv_none" }, "items_conversation_fk"],
];

const DELETED_TURNS: Case[] = [
  [{}, null],
  [{ id: "turn_1", revision: 8 }, null],
  [{ revision: 9 }, "deleted_turns_project_id_conversation_id_revision_pk"],
  [{ conversation_id: "conv_none" }, "deleted_turns_conversation_fk"],
];

export const DELETED: Row = {
  project_id: "default",
  conversation_id: "conv_gone",
  deleted_at: "2024-05-20T10:00:00Z",
};
const DELETED_CONVERSATIONS: Case[] = [
  [{}, null],
  [{ isolation_key: "ann" }, null],
  [{ conversation_id: "conv_former" }, "deleted_conversations_project_id_conversation_id_pk"],
];

const IMPORTED_IDS: Case[] = [
  [{}, null],
  [{ id: "imported" }, "imported_ids_project_id_id_pk"],
  [{ id: "imported turn" }, "imported_ids_project_id_id_pk"],
  [{ id: "imported", project_id: "other" }, null],
];

const MILESTONES: Case[] = [
  [{ name: "new" }, null],
  [{ name: "reached" }, "milestones_pkey"],
];

/** Each table with a good row, and what may and may not be changed of it. */
export const TABLES: [string, Row, Case[]][] = [
  ["projects", {}, PROJECTS],
  ["conversations", CONVERSATION, CONVERSATIONS],
  ["conversation_heads", HEAD, HEADS],
  ["turns", TURN, TURNS],
  ["turn_chunks", CHUNK, TURN_CHUNKS],
  ["deleted_turns", DELETED_TURN, DELETED_TURNS],
  ["items", ITEM, ITEMS],
  ["deleted_conversations", DELETED, DELETED_CONVERSATIONS],
  ["idempotency_keys", IDEMPOTENCY_KEY, IDEMPOTENCY_KEYS],
  ["imported_ids", { project_id: "default", id: "new" }, IMPORTED_IDS],
  ["keys", KEY, KEYS],
  ["milestones", {}, MILESTONES],
  [
    "conversation_counts",
    SHARE,
    [
      [{}, null],
      [{ share: -2 }, "conversation_counts_pk"],
    ],
  ],
];
