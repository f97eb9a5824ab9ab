import type { Fields } from "./fields.ts";

/** A message of a conversation in which each edited question and each regenerated answer begins a branch. */
export interface TreeNode {
  fields: Fields;
  /** The message before this one; the tree begins here when it is null or missing from the tree. */
  parentId: string | null;
  /** The message's time; null when it has none. */
  timestamp: Date | null;
}

/** The last nodes of a conversation's branches. */
export interface Leaves {
  /** The end of the branch that was shown; null for a tree without nodes. */
  shownId: string | null;
  /** The ends of the others, in the order of the nodes. */
  otherIds: string[];
}

/**
 * The ends of the tree's branches. The shown branch ends at `currentId`; without it, the latest branch is the shown one
 * (of equals the last). Throws RecordError for a node that is its own ancestor. The cost grows with the number of
 * nodes.
 */
export function findLeaves(nodes: ReadonlyMap<string, TreeNode>, currentId: string | null): Leaves {
  checkEnds(nodes);
  const parents = new Set([...nodes.values()].map(({ parentId }) => parentId));
  const leaves = [...nodes].filter(([id]) => !parents.has(id));
  const shownId = currentId ?? latest(leaves);
  return { shownId, otherIds: leaves.flatMap(([id]) => (id === shownId ? [] : [id])) };
}

/** The nodes from the root down to the given one; empty for null. */
export function branchTo(nodes: ReadonlyMap<string, TreeNode>, leafId: string | null): TreeNode[] {
  const branch: TreeNode[] = [];
  for (let node = find(nodes, leafId); node !== undefined; node = find(nodes, node.parentId)) branch.push(node);
  return branch.reverse();
}

function checkEnds(nodes: ReadonlyMap<string, TreeNode>): void {
  const ending = new Set<TreeNode>();
  for (const start of nodes.values()) {
    const path = new Set<TreeNode>();
    for (
      let node: TreeNode | undefined = start;
      node !== undefined && !ending.has(node);
      node = find(nodes, node.parentId)
    ) {
      if (path.has(node)) throw node.fields.error("parent", "makes the message its own ancestor");
      path.add(node);
    }
    for (const node of path) ending.add(node);
  }
}

function latest(leaves: readonly [string, TreeNode][]): string | null {
  let latestId: string | null = null;
  let latestTime = Number.NEGATIVE_INFINITY;
  for (const [id, { timestamp }] of leaves) {
    const time = timestamp?.getTime() ?? 0;
    if (time >= latestTime) [latestId, latestTime] = [id, time];
  }
  return latestId;
}

function find(nodes: ReadonlyMap<string, TreeNode>, id: string | null): TreeNode | undefined {
  return id === null ? undefined : nodes.get(id);
}
