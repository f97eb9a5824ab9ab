import { badInput, notFound } from "../../model/errors.ts";
import { MAX_METADATA_PAIRS } from "../../model/rules.ts";
import type { ConversationRow } from "../../store/read/conversations.ts";
import {
  type DescriptionChange,
  deleteConversation,
  describeConversation,
} from "../../store/write/change-conversation.ts";
import { builder } from "./builder.ts";
import { checkText } from "./input-rules.ts";
import { MetadataEntryInput, toMetadata, toPairsChange } from "./metadata-input.ts";
import { afterWrite } from "./mutation.ts";
import { ConversationRef } from "./refs.ts";

const UpdateConversationInput = builder.inputType("UpdateConversationInput", {
  description: "A change of a conversation.",
  fields: (t) => ({
    id: t.id({ required: true, description: "The conversation to change." }),
    metadata: t.field({
      type: [MetadataEntryInput],
      description: `Replaces the whole map by up to ${MAX_METADATA_PAIRS} pairs. Unchanged when left out. Not with \`setMetadata\` or \`removeMetadata\`.`,
    }),
    setMetadata: t.field({
      type: [MetadataEntryInput],
      description: `Up to ${MAX_METADATA_PAIRS} pairs to add or to give another value; all others stay as they are. Of two callers that set different keys both win.`,
    }),
    removeMetadata: t.stringList({
      description: `Up to ${MAX_METADATA_PAIRS} keys of pairs to take away. One that is not there changes nothing.`,
    }),
    expectedRevision: t.int({
      description:
        "The revision that the conversation must be at, else CONFLICT. Every append and change of a turn raises it too. Checked only where something changes.",
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
    description:
      "Changes a conversation's metadata, such as its title. It counts a revision and moves the conversation in no list: `updatedAt` stays. null when it failed.",
    args: { input: t.arg({ type: UpdateConversationInput, required: true, description: "The change." }) },
    resolve: async (_root, { input }, context) => {
      checkText("input", input);
      const change = toDescriptionChange(input);
      if (change !== null) {
        await describeConversation(context.database, context.scope, input.id, change);
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

/** The change that the input asks for; null for none. */
function toDescriptionChange(input: typeof UpdateConversationInput.$inferInput): DescriptionChange | null {
  const { metadata, setMetadata, removeMetadata, expectedRevision } = input;
  const [given] = [metadata, setMetadata, removeMetadata].filter((change) => change != null);
  if (given === undefined) return null;
  if (metadata != null && (setMetadata != null || removeMetadata != null)) {
    const argument = setMetadata != null ? "setMetadata" : "removeMetadata";
    throw badInput(`input.${argument}`, `\`metadata\` and \`${argument}\` exclude each other.`);
  }
  const names = { set: "input.setMetadata", remove: "input.removeMetadata" };
  return {
    metadata: metadata == null ? null : toMetadata("input.metadata", metadata),
    pairs: toPairsChange(names, { set: setMetadata, remove: removeMetadata }),
    expectedRevision: expectedRevision ?? null,
  };
}
