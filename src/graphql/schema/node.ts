import { ApiError, isLimitExceeded, toApiError } from "../../model/errors.ts";
import type { NodeRow } from "../../store/read/nodes.ts";
import { turnsTooLong } from "../../store/sql/turn-bytes.ts";
import { builder } from "./builder.ts";
import type { Context } from "./context.ts";
import { type Arguments, source } from "./field-source.ts";
import { MAX_IDS } from "./list-bounds.ts";
import { ConversationRef, TurnRef } from "./refs.ts";

const oneId = source({ from: "ids", ids: ({ id }: Arguments & { id?: string }) => [id ?? ""] });

/** Turns that are read for their own sake are whole, whatever is asked of them. Throws LIMIT_EXCEEDED. */
function requireWhole(node: NodeRow | null, { maxPageBytes }: Pick<Context, "maxPageBytes">): NodeRow | null {
  if (node?.isWhole === false) throw turnsTooLong(maxPageBytes);
  return node;
}

builder.queryFields((t) => ({
  node: t.field({
    ...oneId,
    type: builder.nodeInterfaceRef(),
    complexity: 1,
    nullable: true,
    description: "The object with this id; null where the caller sees none.",
    args: { id: t.arg.id({ required: true, description: "The id of a conversation or a turn." }) },
    resolve: async (_root, { id }, context) => requireWhole(await context.loaders.node.load(id), context),
  }),
  nodes: t.field({
    ...source({ from: "ids", ids: ({ ids }: Arguments & { ids?: string[] }) => ids ?? [] }),
    type: [builder.nodeInterfaceRef()],
    complexity: ({ ids }) => ({ field: ids.length, multiplier: ids.length }),
    nullable: { list: false, items: true },
    description:
      "The objects with these ids, in their order; null in the place of each that the caller does not see. Turns among them may have up to 8 MB together, unless the server is set otherwise; more is LIMIT_EXCEEDED.",
    args: { ids: t.arg.idList({ required: true, description: `Up to ${MAX_IDS} ids of conversations and turns.` }) },
    resolve: async (_root, { ids }, context) => {
      try {
        const nodes = await Promise.all(ids.map((id) => context.loaders.node.load(id)));
        return nodes.map((node) => requireWhole(node, context));
      } catch (error) {
        throw isLimitExceeded(error) ? new ApiError("LIMIT_EXCEEDED", toApiError(error).message, "ids") : error;
      }
    },
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
  turn: t.field({
    ...oneId,
    type: TurnRef,
    complexity: 1,
    nullable: true,
    description: "The turn with this id; null where the caller sees none.",
    args: { id: t.arg.id({ required: true, description: "The turn's id." }) },
    resolve: async (_root, { id }, { loaders }) => {
      const node = await loaders.node.load(id);
      return node?.kind === "turn" ? node : null;
    },
  }),
}));
