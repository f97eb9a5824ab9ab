import { graphql } from "./gql/gql.ts";

export const INBOX = graphql(`
  query Inbox($first: Int!, $after: String) {
    conversations(first: $first, after: $after, orderBy: { field: UPDATED_AT }) {
      edges { cursor node { id title preview } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

export const TRANSCRIPT = graphql(`
  query Transcript($id: ID!) {
    conversation(id: $id) {
      id
      title
      revision
      turns(last: 50) {
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
      turnEdge { cursor node { ...Said conversation { id } } }
    }
  }
`);

export const SEND = graphql(`
  mutation Send($id: ID!, $text: String!) {
    appendTurn(input: { conversationId: $id, turn: { role: USER, messages: [{ text: { content: $text } }] } }) {
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
