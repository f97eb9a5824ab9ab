import { type Edge, lazyConnection, toEdge } from "../../relay/connection.ts";
import type { Ordering } from "../../relay/ordering.ts";
import { type Page, type PageArguments, parsePage } from "../../relay/page.ts";
import {
  type ConversationFilter,
  type ConversationRow,
  conversationKey,
  countConversations,
  readConversations,
} from "../../store/read/conversations.ts";
import { builder } from "./builder.ts";
import { pageComplexity } from "./context.ts";
import { ConversationFilterType, toConversationFilter } from "./conversation-filter.ts";
import { source } from "./field-source.ts";
import { ConversationRef } from "./refs.ts";
import { OrderDirection } from "./scalars.ts";

const ConversationOrderField = builder.enumType("ConversationOrderField", {
  description:
    "The instants that conversations can be ordered by. Ties have one order too, which follows the direction.",
  values: {
    CREATED_AT: { description: "The creation of the conversation." },
    UPDATED_AT: {
      description:
        "The last append or change of a turn. It moves the conversation, also between two pages; a change of the metadata does not.",
    },
  },
});

const ConversationOrder = builder.inputType("ConversationOrder", {
  description: "The order of a list of conversations.",
  fields: (t) => ({
    field: t.field({
      type: ConversationOrderField,
      required: true,
      defaultValue: "CREATED_AT",
      description: "The instant to order by.",
    }),
    direction: t.field({
      type: OrderDirection,
      required: true,
      defaultValue: "DESC",
      description: "The direction of the list.",
    }),
  }),
});

const NEWEST_FIRST = { field: "CREATED_AT", direction: "DESC" } as const satisfies Ordering;

export const ConversationEdgeRef = builder.edgeObject({
  name: "ConversationEdge",
  description: "A conversation and its place in the list.",
  type: ConversationRef,
});

/** The conversation as an edge of the list in its default order. */
export function toConversationEdge(conversation: ConversationRow): Edge<ConversationRow> {
  return toEdge(NEWEST_FIRST, conversation, (row) => conversationKey(NEWEST_FIRST, row));
}

interface ConversationsArguments extends PageArguments {
  filter?: typeof ConversationFilterType.$inferInput | null | undefined;
  orderBy?: Ordering | null | undefined;
}

/** The page of conversations that the arguments request. Throws as `parsePage` and `toConversationFilter` do. */
function selectConversations(
  args: ConversationsArguments,
  maxPageSize: number,
): { page: Page; filter: ConversationFilter } {
  return {
    page: parsePage(args, args.orderBy ?? NEWEST_FIRST, maxPageSize),
    filter: toConversationFilter(args.filter),
  };
}

builder.queryField("conversations", (t) =>
  t.connection(
    {
      type: ConversationRef,
      complexity: pageComplexity,
      description: "The conversations that the caller sees, newest first unless `orderBy` says otherwise.",
      args: {
        offset: t.arg.int({
          description:
            "Conversations to skip from the front; none when left out. Not with `last`, `after` or `before`.",
        }),
        filter: t.arg({
          type: ConversationFilterType,
          description: "Conditions that the conversations must meet; all conversations when left out.",
        }),
        orderBy: t.arg({
          type: ConversationOrder,
          defaultValue: NEWEST_FIRST,
          description: "The order of the list. A cursor is valid only in the order that it was made in.",
        }),
      },
      ...source({ from: "conversations", select: selectConversations }),
      resolve: (_root, args, { database, scope, loaders, maxPageSize }) => {
        const { page, filter } = selectConversations(args, maxPageSize);
        const read = async () => {
          const slice = await readConversations(database, scope, filter, page);
          // Their turns refer back to them: that costs no statement.
          for (const conversation of slice.rows) loaders.node.prime(conversation.id, conversation);
          return slice;
        };
        const connection = lazyConnection(page, (row: ConversationRow) => conversationKey(page.ordering, row), read);
        return Object.assign(connection, { countAll: () => countConversations(database, scope, filter) });
      },
    },
    {
      name: "ConversationConnection",
      description: "A page of a list of conversations.",
      fields: (connection) => ({
        totalCount: connection.int({
          description:
            "The number of conversations that meet the filter, whatever the page. Exact; counted only when selected.",
          resolve: ({ countAll }) => countAll(),
        }),
      }),
    },
    ConversationEdgeRef,
  ),
);
