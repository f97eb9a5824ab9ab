import type { ConversationRecord } from "../model/conversation-record.ts";
import { passOverEmpty } from "./empty-fields.ts";
import { Fields } from "./fields.ts";
import type { ConversationFormat, RecordContext } from "./format.ts";
import { branchTo, findLeaves, type TreeNode } from "./message-tree.ts";
import { fitMetadata } from "./metadata.ts";
import type { ReadingNotes } from "./reading-notes.ts";
import { derivedConversationId } from "./synthetic.ts";
import type { Trajectory } from "./trajectory.ts";
import { TrajectoryBuilder } from "./trajectory-builder.ts";
import { recordOf, systemPairs } from "./trajectory-record.ts";
import { wrappedRecord } from "./wrapper.ts";

/** How a format writes conversations with edited questions and regenerated answers. */
export interface TreeShape {
  name: string;
  description: string;
  /** Whether the value is a conversation, apart from errors inside it. */
  isConversation(value: unknown): boolean;
  /** Reads the conversation, except for the fields that every one may have. Throws RecordError. */
  readTree(conversation: Fields): ConversationTree;
  /** Adds the message of a node. Throws RecordError for one that cannot be kept. */
  addMessage(node: Fields, trajectory: TrajectoryBuilder, notes: ReadingNotes): void;
}

export interface ConversationTree {
  nodes: ReadonlyMap<string, TreeNode>;
  /** The last node of the shown branch; null when the conversation does not name it. */
  currentId: string | null;
  id: string | null;
  /** Metadata under other names than those of the fields. */
  pairs?: [key: string, value: string][];
}

/**
 * The format of such conversations. A conversation is the branch that was shown; the others are counted, or with
 * `allBranches` in the notes each is a conversation of its own.
 */
export function treeFormat(shape: TreeShape): ConversationFormat {
  const { name, description, isConversation } = shape;
  return {
    name,
    description,
    isMessage: () => false,
    recognises: isConversation,
    read: (value, context) => readTrees(shape, value, context),
  };
}

function readTrees(shape: TreeShape, value: unknown, context: RecordContext): ConversationRecord[] {
  const { notes } = context;
  const conversation = new Fields(value, "", notes);
  const { nodes, currentId, id, pairs = [] } = shape.readTree(conversation);
  const { shownId, otherIds } = findLeaves(nodes, currentId);
  passOverEmpty(conversation);
  const shown = wrappedRecord(readBranch(shape, nodes, shownId, notes), conversation, value, context, id, pairs);
  if (!notes.allBranches) {
    for (const _ of otherIds) notes.countLeftOut("branch that was not shown");
    return [shown];
  }
  return [
    shown,
    ...otherIds.map((leafId) => otherBranch(shown, leafId, readBranch(shape, nodes, leafId, notes), notes)),
  ];
}

/**
 * The conversation of a branch that was not shown. Its turns have the ids of the shown branch as far as both share
 * them.
 */
function otherBranch(
  { id: shownId, createdAt, updatedAt, metadata }: ConversationRecord,
  leafId: string,
  branch: Trajectory,
  notes: ReadingNotes,
): ConversationRecord {
  const others = Object.entries(metadata).filter(([key]) => key !== "system");
  const pairs: [string, string][] = [["branch_of", shownId], ...systemPairs(branch), ...others];
  const id = derivedConversationId({ conversation: shownId, leaf: leafId });
  return recordOf(branch, { id, createdAt, updatedAt, metadata: fitMetadata(pairs, notes), start: createdAt });
}

function readBranch(
  shape: TreeShape,
  nodes: ReadonlyMap<string, TreeNode>,
  leafId: string | null,
  notes: ReadingNotes,
): Trajectory {
  const trajectory = new TrajectoryBuilder(notes);
  const branch = branchTo(nodes, leafId);
  if (branch[0]?.parentId != null) notes.countLeftOut("what was said before a message whose parent is missing");
  for (const { fields } of branch) shape.addMessage(fields, trajectory, notes);
  return trajectory.build();
}
