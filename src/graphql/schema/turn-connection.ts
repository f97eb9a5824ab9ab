import type { ResponsePath } from "graphql";

import { type Edge, lazyConnection, toEdge } from "../../relay/connection.ts";
import type { Ordering } from "../../relay/ordering.ts";
import { type Page, type PageArguments, parsePage } from "../../relay/page.ts";
import { countsAll, type TurnFilter, type TurnRow, turnKey } from "../../store/read/turns.ts";
import { selectOnce } from "./argument-errors.ts";
import { builder } from "./builder.ts";
import { pageComplexity } from "./context.ts";
import { source } from "./field-source.ts";
import { ConversationRef, TurnRef } from "./refs.ts";
import { TurnRoleType, TurnStateType } from "./turn.ts";

/** The order of every list of turns. */
export const AS_SAID: Ordering = { field: "POSITION", direction: "ASC" };

export const TurnEdgeRef = builder.edgeObject({
  name: "TurnEdge",
  description: "A turn and its place in the list.",
  type: TurnRef,
});

/** The turn as an edge of its conversation's list. */
export function toTurnEdge(turn: TurnRow): Edge<TurnRow> {
  return toEdge(AS_SAID, turn, turnKey);
}

const TurnFilterType = builder.inputType("TurnFilter", {
  description: "Conditions on turns. A turn must meet all that are given; null counts as left out.",
  fields: (t) => ({
    role: t.field({ type: TurnRoleType, description: "Only turns of this role." }),
    state: t.field({ type: TurnStateType, description: "Only turns in this state." }),
  }),
});

interface TurnsArguments extends PageArguments {
  filter?: typeof TurnFilterType.$inferInput | null | undefined;
}

/** The page of turns that the arguments request. Throws as `parsePage` does. */
function selectTurns(args: TurnsArguments, maxPageSize: number): { page: Page; filter: TurnFilter } {
  const { role, state } = args.filter ?? {};
  return {
    page: parsePage(args, AS_SAID, maxPageSize),
    filter: { role: role ?? undefined, state: state ?? undefined },
  };
}

/** The key of the answer's root field above the place. */
export function rootOf({ prev, key }: ResponsePath): string {
  return prev === undefined ? String(key) : rootOf(prev);
}

const selectEach = selectOnce(selectTurns);

builder.objectField(ConversationRef, "turns", (t) =>
  t.connection(
    {
      type: TurnRef,
      complexity: pageComplexity,
      description:
        "The conversation's turns in order of position. The pages of turns that one selection of this field gives below one root field have up to 8 MB together, unless the server is set otherwise; one turn always comes. A page that ends early for that reason says so in `hasNextPage`, or in `hasPreviousPage` with `last`, even where it is empty, and its cursors lead on.",
      args: {
        filter: t.arg({
          type: TurnFilterType,
          description: "Conditions that the turns must meet; all turns when left out.",
        }),
      },
      ...source({ from: "turns", select: selectTurns }),
      resolve: (conversation, args, context, info) => {
        const { page, filter } = selectEach(args, context.maxPageSize, info);
        const connection = lazyConnection(page, turnKey, async () => {
          const slice = await context.loaders
            .turnPage(filter, page)
            .load({ conversationId: conversation.id, root: rootOf(info.path) });
          // Most replies answer a turn of the same page.
          for (const turn of slice.rows) context.loaders.node.prime(turn.id, turn);
          return slice;
        });
        const countAll = async () =>
          countsAll(filter) ? conversation.turnCount : context.loaders.turnCount(filter).load(conversation.id);
        return Object.assign(connection, { countAll });
      },
    },
    {
      name: "TurnConnection",
      description: "A page of a conversation's turns.",
      fields: (connection) => ({
        totalCount: connection.int({
          description:
            "The number of turns that meet the filter, whatever the page. Exact; counted only when selected.",
          resolve: ({ countAll }) => countAll(),
        }),
      }),
    },
    TurnEdgeRef,
  ),
);
