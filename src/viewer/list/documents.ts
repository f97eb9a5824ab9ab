import type { ResultOf } from "gql.tada";

import { graphql } from "../graph/graphql.ts";

const ROW = graphql(`
  fragment Row on Conversation {
    id
    revision
    updatedAt
    title
    preview
    user
    agent { agentId }
    lastTurn { id role state }
  }
`);

export type Row = ResultOf<typeof ROW>;

export const CONVERSATIONS = graphql(
  `
    query Conversations($first: Int!, $after: String, $filter: ConversationFilter) {
      conversations(first: $first, after: $after, filter: $filter, orderBy: { field: UPDATED_AT }) {
        edges { cursor node { ...Row } }
        pageInfo { hasNextPage endCursor }
      }
    }
  `,
  [ROW],
);
