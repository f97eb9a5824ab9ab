import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { Fields } from "../fields.ts";
import type { WrapperContent } from "../message-format.ts";
import { readId } from "../scalars.ts";

/** The paths to the messages in a state, a thread, or a checkpoint with or without its configuration. */
const PATHS = [
  ["messages"],
  ["values", "messages"],
  ["channel_values", "messages"],
  ["checkpoint", "channel_values", "messages"],
] as const;

/** Fields that LangGraph needs to resume a thread, which say nothing. */
const SILENT = [
  "next",
  "tasks",
  "interrupts",
  "config",
  "checkpoint",
  "checkpoint_id",
  "parent_config",
  "parent_checkpoint",
  "pending_writes",
  "pending_sends",
  "channel_versions",
  "versions_seen",
  "updated_channels",
  "v",
];

/** The messages in a state or in an object of LangGraph's that holds one; undefined when there are none. */
export function findStateMessages(state: JsonObject): unknown {
  return PATHS.map((path) => find(state, path)).find((messages) => messages !== undefined);
}

/** Reads a state or an object of LangGraph's that holds one; its thread is the conversation. Throws RecordError. */
export function readState(state: Fields): WrapperContent {
  const id = readThreadId(state);
  const path = PATHS.find((candidate) => peek(state, candidate) !== undefined) ?? PATHS[0];
  const holders = [state];
  let holder = state;
  for (const name of path.slice(0, -1)) {
    holder = holder.optionalFields(name) ?? holder;
    holders.push(holder);
  }
  const messages = holder.list("messages");
  for (const fields of holders) {
    for (const name of SILENT) fields.value(name);
    // The caller counts the fields of the outermost object.
    if (fields !== state) fields.countUnknown();
  }
  return { messages, id };
}

/** The id of the thread when it is text. */
function readThreadId(state: Fields): string | null {
  const configurable = state.optionalFields("config")?.optionalFields("configurable") ?? null;
  const thread = [state, state.optionalFields("checkpoint"), configurable].find(
    (fields) => typeof fields?.peek("thread_id") === "string",
  );
  return thread == null ? null : readId(thread, "conversation", "thread_id");
}

function peek(state: Fields, [first, ...rest]: readonly [string, ...string[]]): unknown {
  return find(state.peek(first), rest);
}

function find(value: unknown, path: readonly string[]): unknown {
  return path.reduce((inner: unknown, name) => (isJsonObject(inner) ? inner[name] : undefined), value);
}
