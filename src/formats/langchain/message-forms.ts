import { isJsonObject } from "../../model/json.ts";
import type { Fields } from "../fields.ts";
import type { MessageInfo } from "../trajectory.ts";

export type MessageKind = MessageInfo["speaker"] | "tool" | "removal";

/** The types of messages, and the roles that stand for them. */
const KINDS = {
  human: "user",
  user: "user",
  ai: "assistant",
  assistant: "assistant",
  system: "instruction",
  developer: "instruction",
  tool: "tool",
  function: "tool",
  remove: "removal",
} as const satisfies Record<string, MessageKind>;

/** The types of messages with the speaker in `role`. */
const CUSTOM: ReadonlySet<string> = new Set(["chat", "generic"]);

/** The types that only LangChain has. */
const OWN_TYPES: ReadonlySet<string> = new Set(["human", "ai", "remove", ...CUSTOM]);

/** Whether the value is a message as LangChain writes it: stored, flat, or by constructor. */
export function isOwnMessage(value: unknown): boolean {
  if (!isJsonObject(value)) return false;
  if ("lc" in value) return isJsonObject(value.kwargs) && Array.isArray(value.id);
  const type = [value.type, value.role].find((word) => typeof word === "string" && OWN_TYPES.has(typeOf(word)));
  return type !== undefined && ["content", "data", "text"].some((name) => name in value);
}

/** Whether the value is a message of any type. */
export function isMessage(value: unknown): boolean {
  if (isOwnMessage(value)) return true;
  if (!isJsonObject(value) || !("content" in value)) return false;
  return [value.type, value.role].some((word) => typeof word === "string" && Object.hasOwn(KINDS, typeOf(word)));
}

/** The fields of a message in any of the forms, and its kind. Throws RecordError. */
export function unwrapMessage(message: Fields): { kind: MessageKind; data: Fields } {
  if (message.peek("lc") !== undefined) {
    const path = message.value("id");
    const name = Array.isArray(path) ? path.at(-1) : null;
    if (typeof name !== "string")
      throw message.error("id", "must be an array that ends in the name of a message class");
    for (const known of ["lc", "type"]) message.value(known);
    return unwrapData(message, name, "id", "kwargs");
  }
  const field = message.peek("type") == null ? "role" : "type";
  return unwrapData(message, message.text(field), field, "data");
}

function unwrapData(
  message: Fields,
  name: string,
  field: string,
  dataField: string,
): { kind: MessageKind; data: Fields } {
  const data = message.optionalFields(dataField) ?? message;
  const type = typeOf(name);
  const role = CUSTOM.has(type) ? data.text("role") : name;
  // The data of a message repeats its type.
  for (const known of ["type", "role"]) data.value(known);
  if (data !== message) message.countUnknown();
  const kind = Object.entries(KINDS).find(([known]) => known === typeOf(role))?.[1];
  if (kind === undefined)
    throw message.error(field, `${JSON.stringify(role)} is no type of message that is understood`);
  return { kind, data };
}

/** The type of a message by the name of its class too, such as `AIMessageChunk`. */
function typeOf(name: string): string {
  return name.replace(/Message(Chunk)?$/, "").toLowerCase();
}
