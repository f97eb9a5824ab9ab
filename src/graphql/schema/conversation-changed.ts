import { badInput } from "../../model/errors.ts";
import type { ConversationChange } from "../../store/watch/list-change.ts";
import { decodePosition, type ListPosition } from "../../store/watch/list-position.ts";
import { watchConversations } from "../../store/watch/watch-conversations.ts";
import { builder } from "./builder.ts";
import type { Context } from "./context.ts";
import { ConversationEdgeRef, toConversationEdge } from "./conversation-connection.ts";
import { ConversationFilterType, toConversationFilter } from "./conversation-filter.ts";
import { createLoaders } from "./loaders.ts";
import { mentions, toResolved } from "./mentions.ts";
import { TurnEdgeRef, toTurnEdge } from "./turn-connection.ts";

const ConversationChangedPayload = builder.objectRef<ConversationChange>("ConversationChangedPayload").implement({
  description: "A conversation of the watched list that came, changed or went.",
  fields: (t) => ({
    cursor: t.exposeString("cursor", {
      description:
        "Where the subscription stands with this event: `after` goes on from it. The id of the server-sent event is the same.",
    }),
    conversationEdge: t.field({
      type: ConversationEdgeRef,
      nullable: true,
      description:
        "The conversation in its last state, with its cursor in the list's default order; null for one that was deleted.",
      resolve: ({ conversation }) => conversation && toConversationEdge(conversation),
    }),
    deletedConversationId: t.id({
      nullable: true,
      description:
        "The id of a conversation that was deleted; null otherwise. Comes whether or not the filter let it through.",
      resolve: ({ id, conversation }) => (conversation === null ? id : null),
    }),
    left: t.exposeBoolean("left", {
      description:
        "true for a conversation that does not meet the filter, or not any more: a client takes it out of its list. Comes once until the conversation meets the filter again; never for one that cannot meet it.",
    }),
    turnEdge: t.field({
      type: TurnEdgeRef,
      nullable: true,
      description:
        "The turn that changed last, with its cursor among the conversation's turns; null where the last change was none of a turn that is still there.",
      resolve: ({ turn }) => turn && toTurnEdge(toResolved(turn)),
    }),
  }),
});

builder.subscriptionField("conversationChanged", (t) =>
  t.field({
    type: ConversationChangedPayload,
    description:
      "The caller's conversations as they come, change and go: what a list needs in one stream. Changes of one conversation that come faster than four times a second are told together, in its last state. The id of each server-sent event is its cursor. Completes when the server stops.",
    args: {
      filter: t.arg({
        type: ConversationFilterType,
        description: "Conditions of the list, as `conversations` has them; all conversations when left out.",
      }),
      after: t.arg.string({
        description:
          "The cursor of an event: what changed since comes first, each conversation once, in its last state, with what was deleted in the last 24 hours. Only later changes when left out. Where more than 32 conversations changed in the ten seconds before the event, some of these may come again. The header `Last-Event-ID`, which a browser's EventSource sends by itself, takes its place.",
      }),
    },
    subscribe: (_root, args, context, info) => {
      const filter = args.filter == null ? null : toConversationFilter(args.filter);
      const after = positionIn("last-event-id", context.lastEventId) ?? positionIn("after", args.after);
      const { scope, caller, signal } = context;
      const watcher = { scope, caller, signal, filter, withMessages: mentions(info, "messages") };
      return watchConversations(context.database, context.changes, context.watchAccess(), watcher, after);
    },
    resolve: (change, _args, context) => {
      freshen(context, change);
      return change;
    },
  }),
);

/** Each event is an answer of its own: what the loaders cached for an earlier one is outdated. */
function freshen(context: Context, { conversation }: ConversationChange): void {
  context.loaders = createLoaders(context);
  if (conversation !== null) context.loaders.node.prime(conversation.id, conversation);
}

function positionIn(argument: string, cursor: string | null | undefined): ListPosition | null {
  if (cursor == null) return null;
  const position = decodePosition(cursor);
  if (position === null) throw badInput(argument, `\`${argument}\` is not a cursor of this subscription.`);
  return position;
}
