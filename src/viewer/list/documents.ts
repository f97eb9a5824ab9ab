import type { ResultOf, VariablesOf } from "gql.tada";

import { graphql } from "../graph/graphql.ts";

const ROW = graphql(`
  fragment Row on Conversation {
    id
    revision
    updatedAt
    title
    preview
    agent { agentId }
    lastTurn { id state }
  }
`);

/** A conversation as the list shows it. */
export type Row = ResultOf<typeof ROW>;

export const CONVERSATIONS = graphql(
  `
    query Conversations($first: Int!, $after: String, $filter: ConversationFilter) {
      conversations(first: $first, after: $after, filter: $filter, orderBy: { field: UPDATED_AT }) {
        nodes { ...Row }
        pageInfo { hasNextPage endCursor }
      }
    }
  `,
  [ROW],
);

export type Filter = NonNullable<VariablesOf<typeof CONVERSATIONS>["filter"]>;

export const CHANGES = graphql(
  `
    subscription Changes($filter: ConversationFilter, $after: String) {
      conversationChanged(filter: $filter, after: $after) {
        cursor
        conversationEdge { node { ...Row } }
        deletedConversationId
        left
      }
    }
  `,
  [ROW],
);

export type Change = ResultOf<typeof CHANGES>["conversationChanged"];

export const COUNT = graphql(`
  query Count($filter: ConversationFilter) {
    conversations(first: 1, filter: $filter) { totalCount }
  }
`);

export const AGENTS = graphql(`
  query Agents($after: String) {
    agents(first: 100, after: $after) {
      nodes { agent { name } conversationCount }
      pageInfo { hasNextPage endCursor }
    }
  }
`);
