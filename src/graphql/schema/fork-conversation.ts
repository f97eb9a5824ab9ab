import { MAX_METADATA_PAIRS } from "../../model/rules.ts";
import type { ConversationRow } from "../../store/read/conversations.ts";
import { forkConversation } from "../../store/write/fork-conversation.ts";
import { builder } from "./builder.ts";
import { ConversationEdgeRef, toConversationEdge } from "./conversation-connection.ts";
import { checkText } from "./input-rules.ts";
import { loadConversation } from "./load-conversation.ts";
import { MetadataEntryInput, toMetadata } from "./metadata-input.ts";
import { afterWrite, IDEMPOTENCY_KEY, toIdempotency } from "./mutation.ts";
import { ConversationRef, TurnRef } from "./refs.ts";

const ForkType = builder.objectRef<ConversationRow>("Fork").implement({
  description: "What a conversation was copied from.",
  fields: (t) => ({
    conversation: t.field({
      type: ConversationRef,
      nullable: true,
      complexity: 1,
      description: "The conversation; null when it is gone.",
      resolve: async ({ forkedFromId }, _args, { loaders }) => {
        const node = await loaders.node.load(forkedFromId ?? "");
        return node?.kind === "conversation" ? node : null;
      },
    }),
    turn: t.field({
      type: TurnRef,
      nullable: true,
      complexity: 1,
      description: "The last of its turns that were copied; null when it is gone, and where there was none.",
      resolve: async ({ forkedTurnId }, _args, { loaders }) => {
        const node = await loaders.node.load(forkedTurnId ?? "");
        return node?.kind === "turn" ? node : null;
      },
    }),
  }),
});

builder.objectField(ConversationRef, "forkedFrom", (t) =>
  t.field({
    type: ForkType,
    nullable: true,
    description: "What `forkConversation` copied; null for a conversation that it did not make.",
    resolve: (conversation) => (conversation.forkedFromId === null ? null : conversation),
  }),
);

const ForkConversationInput = builder.inputType("ForkConversationInput", {
  description: "A conversation to copy.",
  fields: (t) => ({
    id: t.id({ required: true, description: "The conversation to copy." }),
    upToTurnId: t.id({ description: "The last of its turns to copy; all turns when left out." }),
    metadata: t.field({
      type: [MetadataEntryInput],
      description: `The copy's metadata, up to ${MAX_METADATA_PAIRS} pairs; that of the conversation when left out. A key given twice is BAD_USER_INPUT.`,
    }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
});

const ForkConversationPayload = builder.objectRef<ConversationRow>("ForkConversationPayload").implement({
  description: "The copy that `forkConversation` made, or that the first call with its idempotency key did.",
  fields: (t) => ({
    conversation: t.field({
      type: ConversationRef,
      description: "The copy.",
      resolve: (conversation) => conversation,
    }),
    conversationEdge: t.field({
      type: ConversationEdgeRef,
      description: "The copy with its cursor in a list that is newest first.",
      resolve: toConversationEdge,
    }),
  }),
});

builder.mutationField("forkConversation", (t) =>
  t.field({
    type: ForkConversationPayload,
    nullable: true,
    description:
      "Copies a conversation with its turns into a new one of the same user, as to try another way from a turn on. Turns have new ids and keep their timestamps; one IN_PROGRESS becomes STOPPED, with what it has said so far. null when it failed.",
    args: { input: t.arg({ type: ForkConversationInput, required: true, description: "What to copy." }) },
    resolve: async (_root, { input }, context) => {
      checkText("input", input);
      const metadata = input.metadata == null ? null : toMetadata("input.metadata", input.metadata);
      const fork = { id: input.id, upToTurnId: input.upToTurnId ?? null, metadata };
      const idempotency = toIdempotency("forkConversation", input.idempotencyKey, fork);
      const id = await forkConversation(context.database, context.scope, fork, idempotency);
      afterWrite(context, id);
      return loadConversation(context, id);
    },
  }),
);
