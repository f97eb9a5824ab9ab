import type { ResultOf } from "gql.tada";

import { graphql } from "../graph/graphql.ts";

export const SEARCH_TURNS = graphql(`
  query SearchTurns($search: String!, $filter: ConversationFilter, $after: String) {
    searchTurns(search: $search, filter: $filter, first: 30, after: $after) {
      edges {
        snippet
        matches { start end }
        node { id role timestamp conversation { id title agent { agentId } } }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

/** A turn that was found. */
export type Hit = ResultOf<typeof SEARCH_TURNS>["searchTurns"]["edges"][number];
