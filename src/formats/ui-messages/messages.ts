import { isJsonObject } from "../../model/json.ts";
import type { TurnState } from "../../model/message-fragment.ts";
import { readContent, saysNothing } from "../content-parts.ts";
import type { Fields } from "../fields.ts";
import { messageFormat } from "../message-format.ts";
import type { ReadingNotes } from "../reading-notes.ts";
import { CREATED_NAMES, readTime } from "../times.ts";
import type { MessageInfo } from "../trajectory.ts";
import type { TrajectoryBuilder } from "../trajectory-builder.ts";
import { addInvocation, addPart, isThought } from "./parts.ts";

const SPEAKERS = {
  system: "instruction",
  user: "user",
  assistant: "assistant",
} as const satisfies Record<string, MessageInfo["speaker"]>;

/** The states of a part that is still being written. */
const STREAMING: ReadonlySet<unknown> = new Set(["streaming", "input-streaming"]);

/**
 * UI messages of the AI SDK, the form in which its documentation says to store conversations: bare, or in the object
 * that `useChat` sends.
 */
export const uiMessagesFormat = messageFormat({
  name: "ui-messages",
  description:
    "UI messages of the AI SDK 5 and 6 [{id, role, parts: [{type, …}, …]}, …], bare or as {id, messages: […]}",
  isMessage: (value) => isJsonObject(value) && typeof value.role === "string",
  isOwnMessage,
  findMessages: ({ messages }) => messages,
  readWrapper: (wrapper) => ({ messages: wrapper.list("messages") }),
  addMessage,
});

function isOwnMessage(value: unknown): boolean {
  if (!isJsonObject(value) || typeof value.role !== "string" || !Array.isArray(value.parts)) return false;
  return value.parts.length === 0 || value.parts.some((part) => isJsonObject(part) && typeof part.type === "string");
}

function addMessage(message: Fields, trajectory: TrajectoryBuilder, notes: ReadingNotes): void {
  const parts = message.optionalList("parts");
  if (parts !== null && parts.length > 0 && parts.every(isThought)) {
    notes.countLeftOut("reasoning");
    return;
  }
  const role = message.keyOf("role", SPEAKERS);
  const metadata = message.optionalFields("metadata");
  const timestamp = readTime(message, CREATED_NAMES) ?? (metadata === null ? null : readTime(metadata, CREATED_NAMES));
  const info = { speaker: SPEAKERS[role], id: message.optionalExactText("id"), timestamp, state: stateOf(parts ?? []) };
  trajectory.addMessage(message, info, () => {
    if (parts === null) addOlder(message, trajectory);
    else for (const part of parts) addPart(part, trajectory);
    if (parts?.length === 0) trajectory.addText("");
  });
  metadata?.countUnknown();
}

/** A message is in progress while its last part is being written. */
function stateOf(parts: readonly Fields[]): TurnState {
  return STREAMING.has(parts.at(-1)?.peek("state")) ? "in-progress" : "done";
}

/** Adds a message without parts, as the SDK wrote them before version 5. */
function addOlder(message: Fields, trajectory: TrajectoryBuilder): void {
  const content = readContent(message, trajectory);
  if (content !== null) trajectory.addText(content);
  for (const invocation of message.optionalList("toolInvocations") ?? []) addInvocation(invocation, trajectory);
  if (content === null && saysNothing(message)) trajectory.addText("");
}
