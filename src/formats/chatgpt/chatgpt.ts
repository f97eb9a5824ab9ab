import { isJsonObject } from "../../model/json.ts";
import type { Fields } from "../fields.ts";
import { readId } from "../scalars.ts";
import { type ConversationTree, treeFormat } from "../tree-format.ts";
import { readCurrentNode, readMapping } from "./mapping.ts";
import { addMessage } from "./message.ts";

/** The conversations in the export of ChatGPT. */
export const chatgptFormat = treeFormat({
  name: "chatgpt",
  description: "ChatGPT's conversations.json [{title, mapping, current_node}, …]",
  isConversation: (value) => isJsonObject(value) && isJsonObject(value.mapping),
  readTree,
  addMessage,
});

function readTree(conversation: Fields): ConversationTree {
  const nodes = readMapping(conversation);
  const currentId = readCurrentNode(conversation, nodes);
  // Newer exports have both, and in both the same.
  const ids = ["conversation_id", "id"].map((name) => readId(conversation, "conversation", name));
  return { nodes, currentId, id: ids.find((id) => id !== null) ?? null };
}
