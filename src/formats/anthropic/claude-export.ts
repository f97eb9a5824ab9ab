import { isJsonObject } from "../../model/json.ts";
import type { Fields } from "../fields.ts";
import type { TreeNode } from "../message-tree.ts";
import type { ReadingNotes } from "../reading-notes.ts";
import { readId } from "../scalars.ts";
import { CREATED_NAMES, readTime } from "../times.ts";
import type { TrajectoryBuilder } from "../trajectory-builder.ts";
import { type ConversationTree, treeFormat } from "../tree-format.ts";
import { addBlocks, isOnlyThinking, isThinking } from "./blocks.ts";

const SPEAKERS = { human: "user", assistant: "assistant" } as const;

/** The parent of a first message. */
const NO_PARENT = "00000000-0000-4000-8000-000000000000";

/** Fields of every message that say nothing. */
const SILENT = ["index", "updated_at", "parent_message_uuid"];

/** The conversations in the export of Claude.ai. */
export const claudeFormat = treeFormat({
  name: "claude",
  description: "Claude.ai's conversations.json [{uuid, name, chat_messages: [{sender, content}, …]}, …]",
  isConversation: (value) => isJsonObject(value) && Array.isArray(value.chat_messages),
  readTree,
  addMessage,
});

/** Newer exports name the parent of each message; in older ones each message follows the one before it. */
function readTree(conversation: Fields): ConversationTree {
  const messages = conversation.list("chat_messages");
  const isTree = messages.some((message) => message.peek("parent_message_uuid") !== undefined);
  const nodes = new Map<string, TreeNode>();
  let previousId: string | null = null;
  for (const [index, message] of messages.entries()) {
    const id = message.optionalExactText("uuid") ?? `${index}`;
    if (nodes.has(id)) throw message.error("uuid", "is used twice in the conversation");
    const parentId = isTree ? message.optionalExactText("parent_message_uuid") : previousId;
    const node = { fields: message, parentId: parentId === NO_PARENT ? null : parentId };
    nodes.set(id, { ...node, timestamp: readTime(message, CREATED_NAMES) });
    previousId = id;
  }
  const currentId = conversation.optionalExactText("current_leaf_message_uuid");
  if (currentId !== null && !nodes.has(currentId)) {
    throw conversation.error("current_leaf_message_uuid", "names no message of the conversation");
  }
  const title = conversation.optionalText("name");
  const pairs: [string, string][] = title === null || title === "" ? [] : [["title", title]];
  return { nodes, currentId, id: readId(conversation, "conversation", "uuid"), pairs };
}

function addMessage(message: Fields, trajectory: TrajectoryBuilder, notes: ReadingNotes): void {
  const text = message.optionalText("text") ?? "";
  if (text === "" && isOnlyThinking(message.peek("content"))) {
    notes.countLeftOut("reasoning");
    return;
  }
  const speaker = SPEAKERS[message.word("sender", ["human", "assistant"])];
  const id = message.optionalExactText("uuid");
  trajectory.addMessage(message, { speaker, id, timestamp: readTime(message, CREATED_NAMES) }, () => {
    const blocks = message.optionalParts("content") ?? [];
    const attachments = message.optionalList("attachments") ?? [];
    // Older exports have the text only.
    const isInBlocks = blocks.some(saysSomething);
    addBlocks(isInBlocks ? blocks : blocks.filter((block) => !isText(block)), trajectory);
    if (!isInBlocks && (text !== "" || !attachments.some(hasText))) trajectory.addText(text);
    for (const attachment of attachments) addAttachment(attachment, trajectory);
    for (const _ of message.optionalParts("files") ?? []) trajectory.leaveOut("file");
    for (const name of SILENT) message.value(name);
  });
}

function isText(block: string | Fields): boolean {
  return typeof block === "string" || block.peek("type") === "text";
}

function saysSomething(block: string | Fields): boolean {
  if (isText(block)) return (typeof block === "string" ? block : block.peek("text")) !== "";
  return typeof block !== "string" && !isThinking(block.peek("type"));
}

/** Claude reads what a user pastes or attaches as text, so it is part of the message. */
function addAttachment(attachment: Fields, trajectory: TrajectoryBuilder): void {
  if (hasText(attachment)) trajectory.addText(attachment.text("extracted_content"));
  else trajectory.leaveOut("attachment without text");
}

function hasText(attachment: Fields): boolean {
  return (attachment.peek("extracted_content") ?? "") !== "";
}
