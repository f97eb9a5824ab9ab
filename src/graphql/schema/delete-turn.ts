import { deleteTurn } from "../../store/write/delete-turn.ts";
import { builder } from "./builder.ts";
import { checkText } from "./input-rules.ts";
import { loadConversation } from "./load-conversation.ts";
import { afterWrite } from "./mutation.ts";
import { ConversationRef } from "./refs.ts";

const DeleteTurnInput = builder.inputType("DeleteTurnInput", {
  description: "A turn to delete.",
  fields: (t) => ({
    id: t.id({ required: true, description: "The last turn of its conversation, in whatever state." }),
  }),
});

/** The ids of a turn that is gone, and of its conversation. */
interface DeletedTurn {
  id: string;
  conversationId: string;
}

const DeleteTurnPayload = builder.objectRef<DeletedTurn>("DeleteTurnPayload").implement({
  description: "The turn that `deleteTurn` deleted.",
  fields: (t) => ({
    deletedTurnId: t.exposeID("id", { description: "The id that the turn had." }),
    conversation: t.field({
      type: ConversationRef,
      description: "The conversation without the turn.",
      resolve: ({ conversationId }, _args, context) => loadConversation(context, conversationId),
    }),
  }),
});

builder.mutationField("deleteTurn", (t) =>
  t.field({
    type: DeleteTurnPayload,
    nullable: true,
    description:
      "Deletes the last turn of a conversation, as before an answer is generated again. CONFLICT for another turn, and for one that an earlier turn replies to. Watchers see it with `deletedTurnId`; for them the server keeps the turn's last state for 24 hours. null when it failed.",
    args: { input: t.arg({ type: DeleteTurnInput, required: true, description: "The turn to delete." }) },
    resolve: async (_root, { input: { id } }, context) => {
      checkText("input.id", id);
      const conversationId = await deleteTurn(context.database, context.scope, id);
      afterWrite(context, conversationId);
      return { id, conversationId };
    },
  }),
);
