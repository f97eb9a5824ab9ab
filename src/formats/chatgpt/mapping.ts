import type { Fields } from "../fields.ts";
import type { TreeNode } from "../message-tree.ts";
import { CREATED_NAMES, readTime } from "../times.ts";

/**
 * The nodes of a ChatGPT conversation's `mapping`, by id. A node is below its `parent` or, without one, below the node
 * that lists it among its `children`. Throws RecordError for a malformed mapping or node.
 */
export function readMapping(conversation: Fields): Map<string, TreeNode> {
  const mapping = conversation.optionalFields("mapping");
  if (mapping === null) throw conversation.error("mapping", "is missing");
  const nodes = new Map<string, TreeNode>();
  for (const [id] of mapping.unread()) {
    const fields = mapping.optionalFields(id);
    if (fields === null) continue;
    const message = fields.optionalFields("message");
    const timestamp = message === null ? null : readTime(message, CREATED_NAMES);
    nodes.set(id, { fields, parentId: fields.optionalExactText("parent"), timestamp });
  }
  for (const [id, { fields }] of nodes) {
    for (const childId of readChildren(fields)) {
      const child = nodes.get(childId);
      if (child !== undefined) child.parentId ??= id;
    }
  }
  return nodes;
}

/** The last node of the shown branch; null when the conversation does not name it. */
export function readCurrentNode(conversation: Fields, nodes: ReadonlyMap<string, TreeNode>): string | null {
  const id = conversation.optionalExactText("current_node");
  if (id === null || nodes.has(id)) return id;
  throw conversation.error("current_node", "names no node of the mapping");
}

function readChildren(node: Fields): string[] {
  const children = node.value("children") ?? [];
  if (Array.isArray(children) && children.every((child) => typeof child === "string")) return children;
  throw node.error("children", "must be an array of strings");
}
