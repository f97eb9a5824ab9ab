import { badInput } from "../../model/errors.ts";
import { builder } from "./builder.ts";
import { type Arguments, reads } from "./field-source.ts";
import { ConversationRef } from "./refs.ts";

function checkIds(ids: readonly string[], limit: number): void {
  if (ids.length > limit) throw badInput("ids", `\`ids\` may hold up to ${limit} ids, not ${ids.length}.`);
}

const oneId = reads({ from: "ids", ids: ({ id }: Arguments & { id?: string }) => [id ?? ""] });

builder.queryFields((t) => ({
  node: t.field({
    ...oneId,
    type: builder.nodeInterfaceRef(),
    complexity: 1,
    nullable: true,
    description: "The object with this id; null where the caller sees none.",
    args: { id: t.arg.id({ required: true, description: "The id of a conversation or a turn." }) },
    resolve: (_root, { id }, { loaders }) => loaders.node.load(id),
  }),
  nodes: t.field({
    ...reads({ from: "ids", ids: ({ ids }: Arguments & { ids?: string[] }) => ids ?? [] }),
    type: [builder.nodeInterfaceRef()],
    // Asked before anything is executed.
    complexity: ({ ids }, { maxPageSize }) => {
      checkIds(ids, maxPageSize);
      return { field: ids.length, multiplier: ids.length };
    },
    nullable: { list: false, items: true },
    description: "The objects with these ids, in their order; null in the place of each that the caller does not see.",
    args: { ids: t.arg.idList({ required: true, description: "Up to 100 ids of conversations and turns." }) },
    resolve: (_root, { ids }, { loaders }) => Promise.all(ids.map((id) => loaders.node.load(id))),
  }),
  conversation: t.field({
    ...oneId,
    type: ConversationRef,
    complexity: 1,
    nullable: true,
    description: "The conversation with this id; null where the caller sees none.",
    args: { id: t.arg.id({ required: true, description: "The conversation's id." }) },
    resolve: async (_root, { id }, { loaders }) => {
      const node = await loaders.node.load(id);
      return node?.kind === "conversation" ? node : null;
    },
  }),
}));
