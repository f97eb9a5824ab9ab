import { graphql } from "./gql/gql.ts";

export const INBOX = graphql(`
  query Inbox($first: Int!, $after: String) {
    conversations(first: $first, after: $after, orderBy: { field: UPDATED_AT }) {
      edges { cursor node { ...Row } }
      pageInfo { hasNextPage endCursor }
    }
  }
  fragment Row on Conversation { id title preview updatedAt }
`);

export const FIRST_PAGE = { first: 5, after: null };

export const CHANGES = graphql(`
  subscription Changes($after: String) {
    conversationChanged(after: $after) {
      cursor
      conversationEdge { cursor node { ...Row } }
      deletedConversationId
      left
    }
  }
`);

export const SEARCH = graphql(`
  query Search($words: String!) {
    searchTurns(search: $words, first: 10) {
      edges { cursor snippet matches { start end } node { id conversation { id title } } }
    }
  }
`);

export const TRANSCRIPT = graphql(`
  query Transcript($id: ID!, $before: String) {
    conversation(id: $id) {
      id
      title
      revision
      turns(last: 5, before: $before) {
        edges { cursor node { ...Said } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
    }
  }
  fragment Said on Turn {
    id
    role
    state
    messages {
      __typename
      ... on TextFragment { content }
      ... on FunctionCallFragment { name }
      ... on FunctionResponseFragment { response }
    }
  }
`);

export const WATCH = graphql(`
  subscription Watch($id: ID!, $after: Int!) {
    turnChanged(conversationId: $id, afterRevision: $after) {
      turnEdge { cursor node { ...Said revision conversation { id } } }
      deletedTurnId
    }
  }
`);

export const SEND = graphql(`
  mutation Send($input: AppendTurnInput!) {
    appendTurn(input: $input) {
      turnEdge { cursor node { ...Said conversation { id } } }
      conversation { id preview }
    }
  }
`);

export const RENAME = graphql(`
  mutation Rename($id: ID!, $title: String!) {
    updateConversation(input: { id: $id, setMetadata: [{ key: "title", value: $title }] }) { conversation { id title } }
  }
`);

export const DELETE = graphql(`
  mutation Delete($id: ID!) {
    deleteConversation(input: { id: $id }) { deletedConversationId }
  }
`);
