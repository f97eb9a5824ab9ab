import { searchedText } from "../../model/message-fragment.ts";
import { type Snippet, snippetOf, type TextRange } from "../../model/snippet.ts";
import { type Edge, lazyConnection } from "../../relay/connection.ts";
import { type PageArguments, parsePage } from "../../relay/page.ts";
import { createByteBudget } from "../../store/read/byte-budget.ts";
import { parseSearch, type Search } from "../../store/read/search.ts";
import { HIT_ORDER, hitKey, searchTurns, type TurnHit } from "../../store/read/turn-hits.ts";
import { builder } from "./builder.ts";
import { type Context, pageComplexity } from "./context.ts";
import { ConversationFilterType, toConversationFilter } from "./conversation-filter.ts";
import { checkText } from "./input-rules.ts";
import { TurnRef } from "./refs.ts";

const TextRangeType = builder.objectRef<TextRange>("TextRange").implement({
  description: "A part of a text, in Unicode code points.",
  fields: (t) => ({
    start: t.exposeInt("start", { description: "The place of its first code point, from 0." }),
    end: t.exposeInt("end", { description: "The place behind its last code point." }),
  }),
});

interface HitEdge extends Edge<TurnHit> {
  snippet: () => Snippet;
}

const TurnHitEdge = builder.objectRef<HitEdge>("TurnHitEdge").implement({
  description: "A turn that a search finds, where it matched, and its place among the hits.",
  fields: (t) => ({
    node: t.field({ type: TurnRef, description: "The turn itself.", resolve: ({ node }) => node }),
    cursor: t.exposeString("cursor", { description: "The row's place in this order; opaque." }),
    snippet: t.string({
      description:
        "Up to 200 code points of the turn's text around the first match, on one line; the beginning of the text where no single place matched, as with a search for what must not occur.",
      resolve: ({ snippet }) => snippet().text,
    }),
    matches: t.field({
      type: [TextRangeType],
      description: "Where the words stand in `snippet`, in order, apart from each other.",
      resolve: ({ snippet }) => snippet().matches,
    }),
  }),
});

const TurnHitConnection = builder.connectionObject(
  {
    type: TurnRef,
    name: "TurnHitConnection",
    description: "A page of the turns that a search finds. They are not counted.",
  },
  TurnHitEdge,
);

builder.queryField("searchTurns", (t) =>
  t.field({
    type: TurnHitConnection,
    complexity: pageComplexity,
    description:
      "The turns that a search finds: those that fulfil it by themselves, with all words in the one turn. In the order of the list of conversations, newest first, and of each its turns by position. Titles are not searched here. The turns of a page have up to 8 MB together, unless the server is set otherwise; one always comes.",
    args: {
      search: t.arg.string({
        required: true,
        description: "Words to find, as `search` of `ConversationFilter` has them.",
      }),
      filter: t.arg({
        type: ConversationFilterType,
        description: "Conditions on the conversations of the turns; all conversations when left out.",
      }),
      first: t.arg.int({ description: "The page's size: 1 to 100. 20 when left out." }),
      after: t.arg.string({ description: "Only rows after this cursor. A cursor outlives its row." }),
    },
    resolve: (_root, { search: text, filter, ...args }, context) => {
      checkText("search", text);
      return findHits(context, parseSearch(text, "search"), toConversationFilter(filter), args);
    },
  }),
);

function findHits(
  context: Context,
  search: Search,
  filter: ReturnType<typeof toConversationFilter>,
  args: PageArguments,
) {
  const { database, scope, maxPageSize, maxPageBytes, maxAnswerBytes } = context;
  const page = parsePage(args, HIT_ORDER, maxPageSize);
  const budget = createByteBudget(maxPageBytes, maxAnswerBytes);
  const sought = search.flatMap((terms) => terms.filter(({ excluded }) => !excluded));
  const connection = lazyConnection(page, hitKey, () => searchTurns(database, scope, search, filter, page, budget));
  let edges: Promise<HitEdge[]> | undefined;
  return {
    get edges() {
      edges ??= connection.edges.then((found) =>
        found.map((edge) => {
          let snippet: Snippet | undefined;
          return {
            ...edge,
            snippet: () => {
              snippet ??= snippetOf(searchedText(edge.node.messages) ?? "", sought);
              return snippet;
            },
          };
        }),
      );
      return edges;
    },
    get pageInfo() {
      return connection.pageInfo;
    },
  };
}
