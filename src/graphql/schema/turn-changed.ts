import { badInput } from "../../model/errors.ts";
import type { ChangedTurn, TextDelta } from "../../store/watch/read-changes.ts";
import { findStart, watchTurns } from "../../store/watch/watch-turns.ts";
import { builder } from "./builder.ts";
import type { Context } from "./context.ts";
import { checkText } from "./input-rules.ts";
import { createLoaders } from "./loaders.ts";
import { mentions, toResolved } from "./mentions.ts";
import { TurnRef } from "./refs.ts";
import { TurnEdgeRef, toTurnEdge } from "./turn-connection.ts";

builder.subscriptionType({ description: "Changes of the caller's project, over server-sent events." });

const TurnTextDeltaType = builder.objectRef<TextDelta>("TurnTextDelta").implement({
  description:
    "Text that was added at the end of a text fragment. `offset` tells a client that has more or less of the text than it thought.",
  fields: (t) => ({
    text: t.exposeString("text", { description: "The text that was added; several appends may come together." }),
    offset: t.exposeInt("offset", {
      description:
        "Where it begins in the fragment's content, in UTF-16 code units, as JavaScript counts characters. 0 for a fragment that began with it.",
    }),
    fragment: t.exposeInt("fragment", { description: "The index of the fragment among the turn's messages, from 0." }),
  }),
});

const TurnChangedPayload = builder.objectRef<ChangedTurn>("TurnChangedPayload").implement({
  description: "A turn that was appended, changed or deleted.",
  fields: (t) => ({
    turn: t.field({
      type: TurnRef,
      description: "The turn in its last state.",
      resolve: ({ turn }) => toResolved(turn),
    }),
    turnEdge: t.field({
      type: TurnEdgeRef,
      description: "The turn with its cursor among the conversation's turns.",
      resolve: ({ turn }) => toTurnEdge(toResolved(turn)),
    }),
    deletedTurnId: t.id({
      nullable: true,
      description:
        "The turn's id where the turn was deleted: `turn` is then its last state, at the revision of the deletion. null for a turn that is there.",
      resolve: ({ turn, isDeleted }) => (isDeleted ? turn.id : null),
    }),
    appended: t.expose("appended", {
      type: TurnTextDeltaType,
      nullable: true,
      description:
        "The text that was added to the turn since the last event of this subscription, where nothing else changed: a client that follows a text need not select `messages` with each event. null where anything else changed, or where the server cannot tell: text in two fragments, a watcher that is far behind, or one that resumed in between. The client then reads the turn's messages.",
    }),
  }),
});

builder.subscriptionField("turnChanged", (t) =>
  t.field({
    type: TurnChangedPayload,
    description:
      "Each turn of the conversation as it is appended, changes or is deleted, in order of revision. Changes that come faster than they are read come together; the last state always comes. The id of each server-sent event is the turn's revision. Completes when the conversation is deleted.",
    args: {
      conversationId: t.arg.id({ required: true, description: "The conversation to watch." }),
      afterRevision: t.arg.int({
        description:
          "A revision that the client has seen: every turn that changed after it comes first, deletions of the last 24 hours included. 0 gives all turns; only later changes when left out. The header `Last-Event-ID`, which a browser's EventSource sends by itself, takes its place.",
      }),
    },
    subscribe: async (_root, { conversationId, afterRevision }, context, info) => {
      checkText("conversationId", conversationId);
      const { database, changes, watchAccess, scope, caller, signal } = context;
      const after = lastEvent(context) ?? afterRevision ?? null;
      const start = await findStart(database, scope, conversationId, after);
      const watcher = { scope, caller, signal, withMessages: mentions(info, "messages") || mentions(info, "items") };
      return watchTurns(changes, watchAccess(), watcher, conversationId, start);
    },
    resolve: (change, _args, context) => {
      // Each event is an answer of its own: what the loaders cached for an earlier one is outdated.
      context.loaders = createLoaders(context);
      return change;
    },
  }),
);

/** The revision of the last event that a browser's EventSource has seen, which it names where it connects again; null for none. */
function lastEvent({ lastEventId }: Context): number | null {
  if (lastEventId === null) return null;
  if (/^\d{1,9}$/.test(lastEventId)) return Number(lastEventId);
  throw badInput("last-event-id", "The header last-event-id must be the id of an event of this subscription.");
}
