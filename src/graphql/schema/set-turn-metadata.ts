import { badInput } from "../../model/errors.ts";
import { MAX_METADATA_PAIRS } from "../../model/rules.ts";
import type { TurnRow } from "../../store/read/turns.ts";
import { setTurnMetadata } from "../../store/write/set-turn-metadata.ts";
import { builder } from "./builder.ts";
import { checkText } from "./input-rules.ts";
import { loadConversation } from "./load-conversation.ts";
import { MetadataEntryInput, toPairsChange } from "./metadata-input.ts";
import { afterWrite } from "./mutation.ts";
import { ConversationRef, TurnRef } from "./refs.ts";

const SetTurnMetadataInput = builder.inputType("SetTurnMetadataInput", {
  description: `A change of a turn's metadata, at least one pair of it. A turn has up to ${MAX_METADATA_PAIRS} pairs.`,
  fields: (t) => ({
    id: t.id({ required: true, description: "The turn, in whatever state." }),
    set: t.field({
      type: [MetadataEntryInput],
      description: `Up to ${MAX_METADATA_PAIRS} pairs to add or to give another value; all others stay as they are. Of two callers that set different keys both win.`,
    }),
    remove: t.stringList({
      description: `Up to ${MAX_METADATA_PAIRS} keys of pairs to take away. One that is not there changes nothing.`,
    }),
  }),
});

const SetTurnMetadataPayload = builder.objectRef<TurnRow>("SetTurnMetadataPayload").implement({
  description: "The turn of which `setTurnMetadata` changed the metadata.",
  fields: (t) => ({
    turn: t.field({ type: TurnRef, description: "The turn after the change.", resolve: (turn) => turn }),
    conversation: t.field({
      type: ConversationRef,
      description: "The conversation after the change.",
      resolve: (turn, _args, context) => loadConversation(context, turn.conversationId),
    }),
  }),
});

builder.mutationField("setTurnMetadata", (t) =>
  t.field({
    type: SetTurnMetadataPayload,
    nullable: true,
    description:
      "Changes pairs of a turn's metadata, such as a rating, of a final turn too. It is a change of the turn: its revision and the conversation's `updatedAt` go on. null when it failed.",
    args: { input: t.arg({ type: SetTurnMetadataInput, required: true, description: "The change." }) },
    resolve: async (_root, { input }, context) => {
      checkText("input", input);
      const { id, set, remove } = input;
      if ((set ?? []).length + (remove ?? []).length === 0) {
        throw badInput("input", "At least one pair must be given in `set` or `remove`.");
      }
      const change = toPairsChange({ set: "input.set", remove: "input.remove" }, { set, remove });
      const changed = await setTurnMetadata(context.database, context.scope, id, change);
      afterWrite(context, changed.conversationId);
      return changed;
    },
  }),
);
