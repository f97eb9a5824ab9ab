import type { TurnRow } from "../../store/read/turns.ts";
import { builder } from "./builder.ts";
import { reads } from "./field-source.ts";
import { loadConversation } from "./load-conversation.ts";
import { MessageFragmentType } from "./message-fragment.ts";
import { ConversationRef, isKind, TurnRef } from "./refs.ts";

export const TurnRoleType = builder.enumType("TurnRole", {
  description: "Who speaks.",
  values: {
    USER: { value: "user", description: "The user, or whoever speaks through the API." },
    ASSISTANT: { value: "assistant", description: "The agent." },
  },
});

export const TurnStateType = builder.enumType("TurnState", {
  description: "How far a turn has come. Every state but IN_PROGRESS is final.",
  values: {
    IN_PROGRESS: { value: "in-progress", description: "The agent is still generating it." },
    DONE: { value: "done", description: "Complete. User turns always are." },
    STOPPED: { value: "stopped", description: "Generation was stopped before its end." },
    ERROR: { value: "error", description: "Generation failed; `errorDetail` may tell why." },
  },
});

builder.node(TurnRef, {
  description: "One contribution to a conversation, by the user or by the agent, made of message fragments.",
  id: { resolve: (turn) => turn.id },
  isTypeOf: (value) => isKind(value, "turn"),
  fields: (t) => ({
    conversation: t.field({
      type: ConversationRef,
      complexity: 1,
      description: "The conversation that the turn belongs to, for good.",
      ...reads({ from: "conversation" }),
      resolve: (turn, _args, context) => loadConversation(context, turn.conversationId),
    }),
    position: t.exposeInt("position", {
      description: "The turn's place in its conversation: 1 for the first, without gaps.",
    }),
    revision: t.exposeInt("revision", {
      description:
        "The conversation's change number when this turn last changed. It grows with every append and change in the conversation.",
    }),
    role: t.expose("role", { type: TurnRoleType, description: "Who speaks." }),
    state: t.expose("state", {
      type: TurnStateType,
      description: "How far the turn has come; always DONE for a user.",
    }),
    timestamp: t.expose("timestamp", { type: "DateTime", description: "When the turn was said." }),
    messages: t.expose("messages", {
      type: [MessageFragmentType],
      description:
        "The turn's fragments in the order in which they were said, all of them. Empty for a turn without any.",
    }),
    errorDetail: t.exposeString("errorDetail", {
      nullable: true,
      description: "What went wrong, in the state ERROR; null in every other state, and where nothing was given.",
    }),
    inReplyTo: t.field({
      type: TurnRef,
      complexity: 1,
      nullable: true,
      description:
        "The user turn of the same conversation that this turn answers; null for user turns, and where nothing was given.",
      ...reads({ from: "reference", column: "inReplyToId" satisfies keyof TurnRow }),
      resolve: async (turn, _args, context) => {
        if (turn.inReplyToId === null) return null;
        const question = await context.loaders.node.load(turn.inReplyToId);
        return question?.kind === "turn" ? question : null;
      },
    }),
  }),
});
