import { badInput } from "../../model/errors.ts";
import { withoutHalves } from "../../model/half-characters.ts";
import { MAX_TURN_BYTES } from "../../model/rules.ts";
import type { TurnRead, TurnRow } from "../../store/read/turns.ts";
import { appendTurn } from "../../store/write/append-turn.ts";
import type { TurnChange } from "../../store/write/change-messages.ts";
import { updateTurn } from "../../store/write/update-turn.ts";
import { builder } from "./builder.ts";
import { checkText } from "./input-rules.ts";
import { MAX_FRAGMENTS } from "./list-bounds.ts";
import { loadConversation } from "./load-conversation.ts";
import { mentions, toResolved } from "./mentions.ts";
import { MessageFragmentInput, toFragments } from "./message-fragment-input.ts";
import { afterWrite, IDEMPOTENCY_KEY, toIdempotency } from "./mutation.ts";
import { ConversationRef, TurnRef } from "./refs.ts";
import { TurnStateType } from "./turn.ts";
import { TurnEdgeRef, toTurnEdge } from "./turn-connection.ts";
import { askedOf, checkErrorDetail, TurnInput, toNewTurn } from "./turn-input.ts";

const AppendTurnInput = builder.inputType("AppendTurnInput", {
  description: "A turn to append.",
  fields: (t) => ({
    conversationId: t.id({ required: true, description: "The conversation to append to." }),
    turn: t.field({ type: TurnInput, required: true, description: "The turn." }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
});

const AppendTurnPayload = builder.objectRef<TurnRow>("AppendTurnPayload").implement({
  description: "The turn that `appendTurn` appended, or that the first call with its idempotency key did.",
  fields: (t) => ({
    turn: t.field({ type: TurnRef, description: "The turn.", resolve: (turn) => turn }),
    turnEdge: t.field({
      type: TurnEdgeRef,
      description: "The turn with its cursor among the conversation's turns.",
      resolve: toTurnEdge,
    }),
    conversation: t.field({
      type: ConversationRef,
      description: "The conversation after the append.",
      resolve: (turn, _args, context) => loadConversation(context, turn.conversationId),
    }),
  }),
});

const UpdateTurnInput = builder.inputType("UpdateTurnInput", {
  description: `A change of an assistant turn in progress. At least one change; effects come in the order \`messages\` or \`appendMessages\`, \`appendText\`, \`state\`. A turn that would have more than ${MAX_TURN_BYTES} bytes of messages and \`errorDetail\` is LIMIT_EXCEEDED.`,
  fields: (t) => ({
    id: t.id({ required: true, description: "The turn to change." }),
    messages: t.field({
      type: [MessageFragmentInput],
      description: `Replaces all fragments by up to ${MAX_FRAGMENTS}; unchanged when left out. Not with \`appendMessages\`.`,
    }),
    appendMessages: t.field({
      type: [MessageFragmentInput],
      description: `Up to ${MAX_FRAGMENTS} fragments to add at the end; none when left out.`,
    }),
    appendText: t.string({
      description:
        "Text to add to the last fragment where that is text IN_PROGRESS, else to start one with; none when left out. A turn that becomes DONE closes its text; STOPPED and ERROR leave it IN_PROGRESS. The first half of a surrogate pair at its end is held: the next append begins with the second half, or is BAD_USER_INPUT; where the text ends before, the half becomes U+FFFD.",
    }),
    state: t.field({
      type: TurnStateType,
      description: "The new state; unchanged when left out. DONE, STOPPED and ERROR are final.",
    }),
    errorDetail: t.string({
      description: "The reason of the state ERROR, with which alone it goes; none when left out.",
    }),
    expectedRevision: t.int({
      description:
        "The revision that the turn must be at, else CONFLICT: a retry of `appendText` is then safe. Not checked when left out.",
    }),
  }),
});

const UpdateTurnPayload = builder.objectRef<TurnRead>("UpdateTurnPayload").implement({
  description: "The turn that `updateTurn` changed.",
  fields: (t) => ({
    turn: t.field({ type: TurnRef, description: "The turn after the change.", resolve: toResolved }),
    conversation: t.field({
      type: ConversationRef,
      description: "The conversation after the change.",
      resolve: (turn, _args, context) => loadConversation(context, turn.conversationId),
    }),
  }),
});

builder.mutationFields((t) => ({
  appendTurn: t.field({
    type: AppendTurnPayload,
    nullable: true,
    description: "Appends a turn at the end of a conversation. null when it failed.",
    args: { input: t.arg({ type: AppendTurnInput, required: true, description: "The turn to append, and where." }) },
    resolve: async (_root, { input }, context) => {
      checkText("input", input);
      const turn = toNewTurn("input.turn", input.turn);
      const { conversationId, idempotencyKey } = input;
      const asked = { conversationId, turn: askedOf(turn, input.turn) };
      const idempotency = toIdempotency("appendTurn", idempotencyKey, asked);
      const appended = await appendTurn(context.database, context.scope, conversationId, turn, idempotency);
      afterWrite(context, appended.conversationId);
      return appended;
    },
  }),
  updateTurn: t.field({
    type: UpdateTurnPayload,
    nullable: true,
    description:
      "Changes an assistant turn while it is IN_PROGRESS; a turn in another state is final: CONFLICT. null when it failed.",
    args: { input: t.arg({ type: UpdateTurnInput, required: true, description: "The change." }) },
    resolve: async (_root, { input }, context, info) => {
      const appendText = input.appendText == null ? null : withoutHalves(input.appendText);
      checkText("input", { ...input, appendText });
      const changed = await updateTurn(context.database, context.scope, input.id, toTurnChange(input), {
        withMessages: mentions(info, "messages") || mentions(info, "items"),
      });
      afterWrite(context, changed.conversationId);
      return changed;
    },
  }),
}));

function toTurnChange(input: typeof UpdateTurnInput.$inferInput): TurnChange {
  const { messages, appendMessages, appendText, state, errorDetail, expectedRevision } = input;
  if ([messages, appendMessages, appendText, state].every((change) => change == null)) {
    throw badInput("input", "At least one of `messages`, `appendMessages`, `appendText` and `state` must be given.");
  }
  if (messages != null && appendMessages != null) {
    throw badInput("input.appendMessages", "`messages` and `appendMessages` exclude each other.");
  }
  checkErrorDetail("input.errorDetail", errorDetail, state ?? null);
  return {
    messages: messages == null ? null : toFragments("input.messages", messages),
    appendMessages: appendMessages == null ? null : toFragments("input.appendMessages", appendMessages),
    appendText: appendText ?? null,
    state: state ?? null,
    errorDetail: errorDetail ?? null,
    expectedRevision: expectedRevision ?? null,
  };
}
