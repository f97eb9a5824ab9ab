import type { TurnRow } from "../../store/read/turns.ts";
import { builder } from "./builder.ts";
import { source } from "./field-source.ts";
import { loadConversation } from "./load-conversation.ts";
import { MessageFragmentType } from "./message-fragment.ts";
import { ConversationRef, isKind, TurnRef } from "./refs.ts";

export const TurnRoleType = builder.enumType("TurnRole", {
  description: "The speaker of a turn.",
  values: {
    USER: { value: "user", description: "The user, or the program that speaks for one." },
    ASSISTANT: { value: "assistant", description: "The agent." },
  },
});

export const TurnStateType = builder.enumType("TurnState", {
  description: "The progress of a turn. Every state but IN_PROGRESS is final.",
  values: {
    IN_PROGRESS: { value: "in-progress", description: "The agent is still generating it." },
    DONE: { value: "done", description: "Complete. User turns always are." },
    STOPPED: {
      value: "stopped",
      description: "Generation was stopped before its end, or nothing was written for so long that it was given up.",
    },
    ERROR: { value: "error", description: "Generation failed; `errorDetail` may say why." },
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
      description: "The conversation of the turn. It never changes.",
      ...source({ from: "conversation" }),
      resolve: (turn, _args, context) => loadConversation(context, turn.conversationId),
    }),
    position: t.exposeInt("position", {
      description: "The turn's place in its conversation, from 1, without gaps.",
    }),
    revision: t.exposeInt("revision", {
      description:
        "The conversation's revision at which this turn last changed. Every append and change of a turn raises it by one.",
    }),
    role: t.expose("role", { type: TurnRoleType, description: "The speaker." }),
    state: t.expose("state", {
      type: TurnStateType,
      description: "The turn's progress; always DONE for a user.",
    }),
    timestamp: t.expose("timestamp", { type: "DateTime", description: "The instant at which the turn was said." }),
    messages: t.expose("messages", {
      type: [MessageFragmentType],
      description: "All fragments of the turn in their order; empty for a turn that has said nothing yet.",
    }),
    errorDetail: t.exposeString("errorDetail", {
      nullable: true,
      description: "The reason of the state ERROR; null in every other state, and where none was given.",
    }),
    metadata: t.expose("metadata", {
      type: "Metadata",
      description:
        "Strings that were attached to the turn: a model, a number of tokens, a rating. An empty map when none were. They may change when the turn is final.",
    }),
    inReplyTo: t.field({
      type: TurnRef,
      complexity: 1,
      nullable: true,
      description:
        "The user turn of the same conversation that this turn answers; null for user turns, and where none was given.",
      ...source({ from: "reference", column: "inReplyToId" satisfies keyof TurnRow }),
      resolve: async (turn, _args, context) => {
        if (turn.inReplyToId === null) return null;
        const question = await context.loaders.node.load(turn.inReplyToId);
        return question?.kind === "turn" ? question : null;
      },
    }),
  }),
});
