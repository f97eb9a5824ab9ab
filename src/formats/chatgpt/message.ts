import type { TurnState } from "../../model/message-fragment.ts";
import type { Fields } from "../fields.ts";
import type { ReadingNotes } from "../reading-notes.ts";
import { CREATED_NAMES, readTime } from "../times.ts";
import type { MessageInfo } from "../trajectory.ts";
import type { TrajectoryBuilder } from "../trajectory-builder.ts";
import { readContentText } from "./content.ts";

const SPEAKERS = {
  system: "instruction",
  user: "user",
  assistant: "assistant",
  tool: "assistant",
} as const satisfies Record<string, MessageInfo["speaker"]>;

/** Fields of every message that say nothing. */
const SILENT = ["id", "update_time", "create_time", "end_turn", "weight", "status", "metadata", "recipient", "channel"];

/** Contents that are not part of what was said. */
const UNSAID: ReadonlyMap<string, string> = new Map([
  ["thoughts", "reasoning"],
  ["reasoning_recap", "reasoning"],
  ["user_editable_context", "custom instructions"],
  ["model_editable_context", "memory"],
]);

/** The recipients of messages to the user; any other recipient is the tool that the assistant calls. */
const EVERYONE: ReadonlySet<string | null> = new Set([null, "all"]);

/**
 * Adds the message of a node if it was shown; an assistant's message to a tool becomes a call of that tool. Counts
 * hidden messages, thoughts and settings in the notes. Throws RecordError for a message that cannot be kept.
 */
export function addMessage(node: Fields, trajectory: TrajectoryBuilder, notes: ReadingNotes): void {
  const message = node.optionalFields("message");
  const content = message?.optionalFields("content") ?? null;
  if (message === null || content === null) return;
  const author = message.optionalFields("author");
  if (author === null) throw message.error("author", "is missing");
  const role = author.keyOf("role", SPEAKERS);
  const recipient = message.optionalText("recipient");
  const isPlaceholder = role === "system" || (role === "assistant" && EVERYONE.has(recipient));
  if (isPlaceholder && isEmpty(content)) return;
  const metadata = message.optionalFields("metadata");
  const unsaid = findUnsaid(message, content, role, metadata);
  if (unsaid !== null) {
    notes.countLeftOut(unsaid);
    return;
  }
  const timestamp = readTime(message, CREATED_NAMES);
  const info = { speaker: SPEAKERS[role], id: message.optionalExactText("id"), timestamp, state: stateOf(metadata) };
  trajectory.addMessage(message, info, () => {
    const text = readContentText(content, trajectory);
    if (role === "tool") {
      const failed = hasFailed(content, metadata);
      trajectory.addResponse({ callId: null, name: author.optionalText("name"), content: text ?? "", failed });
    } else if (role === "assistant" && recipient !== null && !EVERYONE.has(recipient)) {
      trajectory.addCall({ id: null, name: recipient, args: text, path: content.path });
    } else if (text !== null) trajectory.addText(text);
    for (const _ of metadata?.optionalParts("attachments") ?? []) trajectory.leaveOut("attachment");
    for (const name of SILENT) message.value(name);
  });
}

/** Whether the content has only empty texts, as in the messages that ChatGPT puts before others. */
function isEmpty(content: Fields): boolean {
  const parts = content.peek("parts") ?? [content.peek("text")];
  return Array.isArray(parts) && parts.every((part) => part === "");
}

/** The kind of a message that is not part of what was said; null for one that is. */
function findUnsaid(message: Fields, content: Fields, role: string, metadata: Fields | null): string | null {
  const unsaid = UNSAID.get(content.optionalText("content_type") ?? "text");
  if (unsaid !== undefined) return unsaid;
  if (metadata?.value("is_visually_hidden_from_conversation") === true) return `hidden ${role} message`;
  const isAside = message.value("channel") === "analysis" && EVERYONE.has(message.optionalText("recipient"));
  return role === "assistant" && isAside ? "reasoning" : null;
}

/** An answer that the user stopped, or that hit the length limit, is incomplete. */
function stateOf(metadata: Fields | null): TurnState {
  const finish = metadata?.optionalFields("finish_details")?.value("type");
  return finish === "interrupted" || finish === "max_tokens" ? "stopped" : "done";
}

/** Whether a tool failed; null when ChatGPT does not say. */
function hasFailed(content: Fields, metadata: Fields | null): boolean | null {
  if (content.value("content_type") === "system_error") return true;
  const status = metadata?.optionalFields("aggregate_result")?.value("status");
  return typeof status === "string" ? status !== "success" : null;
}
