import { notFound } from "../../model/errors.ts";
import type { ConversationRow } from "../../store/read/conversations.ts";
import { deleteConversation, replaceMetadata } from "../../store/write/change-conversation.ts";
import { builder } from "./builder.ts";
import { checkText } from "./input-rules.ts";
import { MetadataEntryInput, toMetadata } from "./metadata-input.ts";
import { afterWrite } from "./mutation.ts";
import { ConversationRef } from "./refs.ts";

const UpdateConversationInput = builder.inputType("UpdateConversationInput", {
  description: "A change of a conversation.",
  fields: (t) => ({
    id: t.id({ required: true, description: "The conversation to change." }),
    metadata: t.field({
      type: [MetadataEntryInput],
      description: "Replaces the whole map. Unchanged when left out.",
    }),
  }),
});

const UpdateConversationPayload = builder.objectRef<ConversationRow>("UpdateConversationPayload").implement({
  description: "The conversation that `updateConversation` changed.",
  fields: (t) => ({
    conversation: t.field({
      type: ConversationRef,
      description: "The conversation after the change.",
      resolve: (conversation) => conversation,
    }),
  }),
});

const DeleteConversationInput = builder.inputType("DeleteConversationInput", {
  description: "A conversation to delete.",
  fields: (t) => ({ id: t.id({ required: true, description: "The conversation to delete." }) }),
});

const DeleteConversationPayload = builder.objectRef<{ id: string }>("DeleteConversationPayload").implement({
  description: "The conversation that `deleteConversation` deleted.",
  fields: (t) => ({
    deletedConversationId: t.exposeID("id", { description: "The id that the conversation had." }),
  }),
});

builder.mutationFields((t) => ({
  updateConversation: t.field({
    type: UpdateConversationPayload,
    nullable: true,
    description: "Changes a conversation's metadata. null when it failed.",
    args: { input: t.arg({ type: UpdateConversationInput, required: true, description: "The change." }) },
    resolve: async (_root, { input }, context) => {
      checkText("input", input);
      if (input.metadata != null) {
        const metadata = toMetadata("input.metadata", input.metadata);
        await replaceMetadata(context.database, context.scope, input.id, metadata);
        afterWrite(context, input.id);
      }
      const node = await context.loaders.node.load(input.id);
      if (node?.kind === "conversation") return node;
      throw notFound("conversation", "input.id");
    },
  }),
  deleteConversation: t.field({
    type: DeleteConversationPayload,
    nullable: true,
    description: "Deletes a conversation with its turns, for good. null when it failed.",
    args: {
      input: t.arg({ type: DeleteConversationInput, required: true, description: "The conversation to delete." }),
    },
    resolve: async (_root, { input }, context) => {
      checkText("input", input);
      await deleteConversation(context.database, context.scope, input.id);
      afterWrite(context, input.id);
      return { id: input.id };
    },
  }),
}));
