import type { Row } from "./violated-by.ts";

/** What is changed of the good row, and the constraint that refuses it; null when it is good as well. */
export type Case = [change: Row, constraint: string | null];

export const TURN: Row = {
  project_id: "default",
  id: "turn_new",
  conversation_id: "conv_1",
  position: 4,
  revision: 4,
  role: "assistant",
  state: "done",
  timestamp: "2024-05-20T10:00:00Z",
  messages: "[]",
};

export const metadata = (pairs: number, key = "k", value = "v") =>
  JSON.stringify(Object.fromEntries(Array.from({ length: pairs }, (_, index) => [`${key}${index}`, value])));

export const INSTANTS = ["infinity", "-infinity", "0001-01-01T00:00:00Z BC", "10000-01-01T00:00:00Z"];

export const TURNS: Case[] = [
  [{ state: "in-progress", chunks_after: 4 }, null],
  [{ state: "in-progress", chunks_after: 3 }, "turns_chunks_after_check"],
  [{ chunks_after: 4 }, "turns_chunks_after_check"],
  [{ of_items: true }, null],
  [{ of_items: true, items_after: 4 }, null],
  [{ of_items: true, items_after: 3 }, "turns_items_after_check"],
  [{ items_after: 4 }, "turns_items_after_check"],
  [{ of_items: true, state: "in-progress" }, "turns_of_items_check"],
  [{}, null],
  ...INSTANTS.map((timestamp): Case => [{ timestamp }, "turns_timestamp_check"]),
  [{ conversation_id: "conv_none" }, "turns_conversation_fk"],
  [{ project_id: "other", conversation_id: "conv_2" }, "turns_conversation_fk"],
  [{ id: "turn_3" }, "turns_project_id_id_pk"],
  [{ id: "turn_3", project_id: "other" }, null],
  [{ id: " ~".padEnd(128, "x") }, null],
  ...["", "x".repeat(129), "é", "a\nb", "conv_x"].map((id): Case => [{ id }, "turns_id_check"]),
  [{ position: 3 }, "turns_project_id_conversation_id_position_key"],
  [{ position: 0 }, "turns_position_check"],
  [{ revision: 0 }, "turns_position_check"],
  [{ role: "user" }, null],
  [{ role: "system" }, "turns_role_check"],
  [{ role: "USER" }, "turns_role_check"],
  ...["in-progress", "stopped", "error"].flatMap((state): Case[] => [
    [{ state }, null],
    [{ state, role: "user" }, "turns_user_state_check"],
  ]),
  [{ state: "in_progress" }, "turns_state_check"],
  [{ state: "error", error_detail: "" }, null],
  [{ state: "stopped", error_detail: "" }, "turns_error_detail_check"],
  [{ metadata: metadata(16) }, null],
  [{ metadata: metadata(17) }, "turns_metadata_check"],
  [{ metadata: "[]" }, "turns_metadata_check"],
  [{ messages: "{}" }, "turns_messages_check"],
  [{ messages: `[${" ".repeat(2_097_150)}]` }, null],
  [{ messages: `[${" ".repeat(2_097_151)}]` }, "turns_bytes_check"],
  [{ state: "error", error_detail: "é".repeat(1_048_575) }, null],
  [{ high_surrogate: 0xd83d }, "turns_high_surrogate_check"],
  [{ state: "in-progress", high_surrogate: 0xdc00 }, "turns_high_surrogate_check"],
  [{ state: "error", error_detail: "é".repeat(1_048_576) }, "turns_bytes_check"],
  [{ bytes: 1_000_000_000 }, null],
  [{ in_reply_to_id: "turn_1" }, null],
  [{ in_reply_to_id: "imported turn" }, null],
  [{ in_reply_to_id: "turn_1", role: "user" }, "turns_in_reply_to_check"],
];
