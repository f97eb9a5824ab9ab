import { ApiError, isLimitExceeded, toApiError } from "../../model/errors.ts";
import { builder } from "./builder.ts";
import { type Arguments, source } from "./field-source.ts";
import { MAX_IDS } from "./list-bounds.ts";
import { ConversationRef } from "./refs.ts";

const oneId = source({ from: "ids", ids: ({ id }: Arguments & { id?: string }) => [id ?? ""] });

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
    ...source({ from: "ids", ids: ({ ids }: Arguments & { ids?: string[] }) => ids ?? [] }),
    type: [builder.nodeInterfaceRef()],
    complexity: ({ ids }) => ({ field: ids.length, multiplier: ids.length }),
    nullable: { list: false, items: true },
    description:
      "The objects with these ids, in their order; null in the place of each that the caller does not see. Turns among them may have up to 8 MB together, unless the server is set otherwise; more is LIMIT_EXCEEDED.",
    args: { ids: t.arg.idList({ required: true, description: `Up to ${MAX_IDS} ids of conversations and turns.` }) },
    resolve: async (_root, { ids }, { loaders }) => {
      try {
        return await Promise.all(ids.map((id) => loaders.node.load(id)));
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
}));
