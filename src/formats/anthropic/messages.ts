import { isJsonObject } from "../../model/json.ts";
import type { Fields } from "../fields.ts";
import { messageFormat, type WrapperContent } from "../message-format.ts";
import type { ReadingNotes } from "../reading-notes.ts";
import { CREATED_NAMES, readTime } from "../times.ts";
import type { MessageInfo } from "../trajectory.ts";
import type { TrajectoryBuilder } from "../trajectory-builder.ts";
import { addBlocks, isOnlyThinking } from "./blocks.ts";

const SPEAKERS = {
  system: "instruction",
  user: "user",
  assistant: "assistant",
} as const satisfies Record<string, MessageInfo["speaker"]>;

/** The types of content blocks that no other format of messages has. */
const OWN_BLOCK = /^(redacted_)?thinking$|^document$|^(\w+_)?tool_(use|result)$/;

/** Messages of Anthropic's API: bare, or in the body of a request. */
export const anthropicFormat = messageFormat({
  name: "anthropic",
  description:
    "Anthropic messages [{role, content: [{type: text, tool_use, tool_result, …}]}, …], bare or in a request",
  isMessage: (value) => isJsonObject(value) && typeof value.role === "string",
  isOwnMessage,
  findMessages: ({ messages }) => messages,
  readWrapper,
  addMessage,
});

function isOwnMessage(value: unknown): boolean {
  if (!isJsonObject(value) || typeof value.role !== "string" || !Array.isArray(value.content)) return false;
  // Some services write Anthropic's thinking into chat messages.
  if ("tool_calls" in value) return false;
  return value.content.some(
    (block) => isJsonObject(block) && typeof block.type === "string" && OWN_BLOCK.test(block.type),
  );
}

function readWrapper(request: Fields): WrapperContent {
  const messages = request.list("messages");
  if (request.peek("system") === undefined) return { messages };
  const system = request.peek("system");
  if (!Array.isArray(system)) return { messages, instructions: [request.text("system")] };
  const texts = request.list("system").map((block) => block.text("text"));
  return { messages, instructions: [texts.join("\n")] };
}

function addMessage(message: Fields, trajectory: TrajectoryBuilder, notes: ReadingNotes): void {
  if (isOnlyThinking(message.peek("content"))) {
    notes.countLeftOut("reasoning");
    return;
  }
  const role = message.keyOf("role", SPEAKERS);
  const id = message.optionalExactText("id");
  const info = { speaker: SPEAKERS[role], id, timestamp: readTime(message, CREATED_NAMES) };
  // Names the kind of object in the API's answers.
  message.value("type");
  trajectory.addMessage(message, info, () => addContent(message, trajectory));
}

/** Adds a message's content, a text or blocks. An empty answer says nothing. */
function addContent(message: Fields, trajectory: TrajectoryBuilder): void {
  const content = message.value("content");
  if (Array.isArray(content)) addBlocks(message.optionalParts("content") ?? [], trajectory);
  const isEmpty = Array.isArray(content) && content.length === 0;
  const text = isEmpty ? "" : Array.isArray(content) ? null : message.optionalText("content");
  if (text !== null) trajectory.addText(text);
}
