import type { TurnRow } from "../../store/read/turns.ts";
import { findStartRevision, watchTurns } from "../../store/watch/watch-turns.ts";
import { builder } from "./builder.ts";
import { checkText } from "./input-rules.ts";
import { createLoaders } from "./loaders.ts";
import { TurnRef } from "./refs.ts";
import { TurnEdgeRef, toTurnEdge } from "./turn-connection.ts";

builder.subscriptionType({ description: "Changes of the caller's project, over server-sent events." });

const TurnChangedPayload = builder.objectRef<TurnRow>("TurnChangedPayload").implement({
  description: "A turn that was appended or changed.",
  fields: (t) => ({
    turn: t.field({ type: TurnRef, description: "The turn in its last state.", resolve: (turn) => turn }),
    turnEdge: t.field({
      type: TurnEdgeRef,
      description: "The turn with its cursor among the conversation's turns.",
      resolve: toTurnEdge,
    }),
  }),
});

builder.subscriptionField("turnChanged", (t) =>
  t.field({
    type: TurnChangedPayload,
    description:
      "Each turn of the conversation as it is appended or changes, in order of revision. Changes that come faster than they are read come together; the last state always comes. Completes when the conversation is deleted.",
    args: {
      conversationId: t.arg.id({ required: true, description: "The conversation to watch." }),
      afterRevision: t.arg.int({
        description:
          "A revision that the client has seen: every turn that changed after it comes first. 0 gives all turns; only later changes when left out.",
      }),
    },
    subscribe: async (_root, { conversationId, afterRevision }, { database, changes, watchAccess, ...watcher }) => {
      checkText("conversationId", conversationId);
      const start = await findStartRevision(database, watcher.scope, conversationId, afterRevision ?? null);
      return watchTurns(changes, watchAccess(), watcher, conversationId, start);
    },
    resolve: (turn, _args, context) => {
      // Each event is an answer of its own, and must not show what an earlier one read.
      context.loaders = createLoaders(context);
      return turn;
    },
  }),
);
